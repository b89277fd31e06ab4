/* SPDX-License-Identifier: MIT */
/* Steps of I/O work that the fidelity cases repeat to see if I/O still works. */
#include "work-steps.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool pair_works(int in, int out)
{
	unsigned char data[300], got[300];

	fid_fill(data, sizeof(data), 3);
	return write(out, data, sizeof(data)) == sizeof(data) &&
		read(in, got, sizeof(got)) == sizeof(got) && fid_matches(got, sizeof(got), 3);
}

bool pipe_works(void)
{
	int p[2];
	bool ok;

	if (pipe(p))
		return false;
	ok = pair_works(p[0], p[1]);
	close(p[0]);
	close(p[1]);
	return ok;
}

bool socket_works(void)
{
	char in[8] = "";
	int p[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p))
		return false;
	ok = send(p[0], "abc", 4, 0) == 4 && recv(p[1], in, 8, 0) == 4 && !strcmp(in, "abc");
	close(p[0]);
	close(p[1]);
	return ok;
}

bool file_works(void)
{
	static atomic_uint count;	/* a handler must not share the file of the call below it */
	char name[64], in[8] = "";
	bool ok;
	int fd;

	snprintf(name, sizeof(name), "f%d-%u", (int)fid_gettid(), atomic_fetch_add(&count, 1));
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	ok = write(fd, "written", 7) == 7 && pwrite(fd, "P", 1, 0) == 1 && !fsync(fd) &&
		pread(fd, in, 7, 0) == 7 && !strcmp(in, "Pritten") && lseek(fd, 0, SEEK_CUR) == 7 &&
		!ftruncate(fd, 3) && lseek(fd, 0, SEEK_END) == 3;
	close(fd);
	return !unlink(name) && ok;
}

bool io_works(void)
{
	return pipe_works() && socket_works() && file_works();
}

void say_ok(const char *what, bool ok)
{
	fid_say("%s %s", what, ok ? "ok" : "WRONG");
}

pthread_t start(void *(*body)(void *), void *arg)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, body, arg);
	if (errno)
		fid_die("pthread_create");
	return thread;
}

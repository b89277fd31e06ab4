/* SPDX-License-Identifier: MIT */
/*
 * Tests the decisions of RINGSHIM_ROUTE=auto.
 * files FILE: makes a thousand of each call on a file, then prints the number of threads. others:
 * does the same on a pipe, a device and sockets. devices: reads and writes memory and files while a
 * timer keeps firing; prints the transfers that were incomplete.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMES = 1000, LEN = 512 };

static char buf[65536];

#define REPEAT(call) \
	for (int i = 0; i < TIMES; i++) \
		if ((call) < 0) { \
			perror(#call); \
			exit(1); \
		}

/*
 * io-wq workers count as threads of the process. A child counts them, because the library ends the
 * workers of a process that opens this directory itself.
 */
static void print_threads(void)
{
	char path[64];
	int count = -2;
	pid_t child;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)getpid());
	child = fork();
	if (child) {
		waitpid(child, NULL, 0);
		return;
	}
	dir = opendir(path);
	while (dir && readdir(dir))
		count++;
	printf("threads %d\n", count);
	fflush(stdout);
	_exit(0);
}

static void files(const char *path)
{
	struct iovec iov = { buf, LEN };
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	REPEAT(pwrite(fd, buf, LEN, i * LEN));
	REPEAT(pread(fd, buf, LEN, i * LEN));
	REPEAT(preadv(fd, &iov, 1, i * LEN));
	REPEAT(preadv2(fd, &iov, 1, i * LEN, 0));
	REPEAT(pwritev(fd, &iov, 1, i * LEN));
	REPEAT(pwritev2(fd, &iov, 1, i * LEN, 0));
	REPEAT(write(fd, buf, LEN));
	REPEAT(writev(fd, &iov, 1));
	lseek(fd, 0, SEEK_SET);
	REPEAT(read(fd, buf, LEN));
	lseek(fd, 0, SEEK_SET);
	REPEAT(readv(fd, &iov, 1));
	REPEAT(fsync(fd));
	REPEAT(fdatasync(fd));
	REPEAT(sync_file_range(fd, 0, 0, 0));
	close(fd);
	unlink(path);
	print_threads();
}

static void others(void)
{
	struct iovec iov = { buf, LEN };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int ends[2], pair[2], zero = open("/dev/zero", O_RDWR);

	if (pipe(ends) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		exit(1);
	REPEAT(write(ends[1], buf, LEN) + read(ends[0], buf, LEN));
	REPEAT(writev(ends[1], &iov, 1) + readv(ends[0], &iov, 1));
	REPEAT(read(zero, buf, LEN) + write(zero, buf, LEN));
	REPEAT(pread(zero, buf, LEN, 0) + pwrite(zero, buf, LEN, 0));
	REPEAT(write(pair[1], buf, LEN) + read(pair[0], buf, LEN));
	REPEAT(send(pair[1], buf, LEN, 0) + recv(pair[0], buf, LEN, 0));
	REPEAT(sendmsg(pair[1], &msg, 0) + recvmsg(pair[0], &msg, 0));
}

static void on_alarm(int sig)
{
}

/* Reports reads or writes of path that end with EINTR, or short without need. */
static void device(const char *path, int flags, size_t len)
{
	struct iovec iov = { buf, len };
	long interrupted = 0, others = 0, part = 0;
	int fd = open(path, flags, 0600);

	if (fd < 0)
		return;
	for (int i = 0; i < 4 * TIMES; i++) {
		ssize_t ret;

		switch (i % 4) {
		case 0: ret = flags & O_WRONLY ? write(fd, buf, len) : read(fd, buf, len); break;
		case 1: ret = flags & O_WRONLY ? pwrite(fd, buf, len, 0) : pread(fd, buf, len, 0); break;
		case 2: ret = flags & O_WRONLY ? pwritev2(fd, &iov, 1, 0, 0) : preadv2(fd, &iov, 1, 0, 0); break;
		default: ret = flags & O_WRONLY ? writev(fd, &iov, 1) : readv(fd, &iov, 1);
		}
		interrupted += ret < 0 && errno == EINTR;
		others += ret < 0 && errno != EINTR;
		part += ret > 0 && (size_t)ret < len;
	}
	close(fd);
	printf("%s %s: EINTR %ld, other errors %d, short %ld\n", path, flags & O_WRONLY ? "write" : "read",
	       interrupted, others > 0, part);
}

static void devices(void)
{
	static const char *const paths[] = { "/dev/full", "/dev/zero", "/dev/null", "/dev/urandom" };
	struct sigaction act = { .sa_handler = on_alarm };
	struct itimerval often = { { 0, 100 }, { 0, 100 } };
	static const char path[] = "/dev/shm/ringshim-detours";

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		device(paths[i], O_RDONLY, LEN);
		device(paths[i], O_WRONLY, LEN);
	}
	device(path, O_WRONLY | O_CREAT, LEN);
	device(path, O_RDWR, LEN);
	unlink(path);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "files"))
		files(argv[2]);
	else if (argc == 2 && !strcmp(argv[1], "others"))
		others();
	else if (argc == 2 && !strcmp(argv[1], "devices"))
		devices();
	else
		return 2;
	return 0;
}

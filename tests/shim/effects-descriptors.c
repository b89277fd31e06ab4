/* SPDX-License-Identifier: MIT */
/* Effects of calls that create and close descriptors: flags, locks, and events at the other end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "effects.h"

static void look(const char *call, int fd)
{
	struct stat st = { 0 };

	raw3(SYS_fstat, fd, (long)&st, 0);
	saw(call, "descriptor", "number %d flags %lx close-on-exec %ld mode %o size %ld", fd,
	    raw3(SYS_fcntl, fd, F_GETFL, 0), raw3(SYS_fcntl, fd, F_GETFD, 0), st.st_mode,
	    (long)st.st_size);
}

static void opens(void)
{
	struct { uint64_t flags, mode, resolve; } how = { O_RDWR | O_APPEND, 0, 0 };
	int fd, dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	umask(027);
#define OPEN(name_, call_) fd = (int)(call_); look(#name_, fd); close(fd)
	OPEN(open, open("opened", O_RDWR | O_CREAT, 0666));
	OPEN(openat, openat(dir, "opened", O_WRONLY | O_CLOEXEC | O_NONBLOCK));
	OPEN(openat2, syscall(SYS_openat2, dir, "opened", &how, sizeof(how)));
	raw_write((fd = open("opened", O_WRONLY)), "12345", 5);
	close(fd);
	OPEN(open, open("opened", O_RDONLY));
	OPEN(creat, creat("opened", 0600));
	OPEN(open, open("opened", O_RDWR | O_TRUNC));
	OPEN(socket, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
#undef OPEN
	close(dir);
}

static void pipes(void)
{
	int fds[2];

	for (int i = 0; i < 2; i++) {
		long ret = i ? pipe2(fds, O_CLOEXEC | O_NONBLOCK) : pipe(fds);
		const char *call = i ? "pipe2" : "pipe";

		saw(call, "result", "%s", result(ret));
		look(call, fds[0]);
		look(call, fds[1]);
		saw(call, "capacity", "%ld", raw3(SYS_fcntl, fds[1], F_GETPIPE_SZ, 0));
		close(fds[0]);
		close(fds[1]);
	}
}

/* Tries to take a lock in another process. Returns that process's exit status. */
static int other_takes(int operation)
{
	int status = -1;
	pid_t child = fork();

	if (!child) {
		struct flock lock = { .l_type = F_WRLCK };
		int fd = (int)raw6(SYS_openat, AT_FDCWD, (long)"locked", O_RDWR, 0, 0, 0);

		_exit(operation == LOCK_EX ? raw3(SYS_flock, fd, LOCK_EX | LOCK_NB, 0) != 0 :
		      raw3(SYS_fcntl, fd, F_SETLK, (long)&lock) != 0);
	}
	raw6(SYS_wait4, child, (long)&status, 0, 0, 0, 0);
	return status;
}

/* Effects of close that must be immediate. */
static void closes(void)
{
	struct flock lock = { .l_type = F_WRLCK };
	int fd, fds[2], again;
	char byte;

	fd = open("locked", O_RDWR | O_CREAT, 0600);
	flock(fd, LOCK_EX);
	saw("close", "lock of the file before", "%d", other_takes(LOCK_EX));
	saw("close", "result", "%s", result(close(fd)));
	saw("close", "lock of the file after", "%d", other_takes(LOCK_EX));
	fd = open("locked", O_RDWR);
	again = open("locked", O_RDWR);
	fcntl(fd, F_SETLK, &lock);
	saw("close", "lock of the process before", "%d", other_takes(LOCK_SH));
	saw("close", "result", "%s", result(close(again)));
	saw("close", "lock of the process after", "%d", other_takes(LOCK_SH));
	close(fd);
	need(!pipe(fds), "pipe");
	close(fds[1]);
	saw("close", "end of a pipe", "%ld", raw_read(fds[0], &byte, 1));
	saw("close", "number", "%s", result(dup(fds[0]) - fds[1]));
}

static void moves(void)
{
	int fd = open("spliced", O_RDWR | O_CREAT | O_TRUNC, 0600), a[2], b[2], in_a = 0, in_b = 0;
	off64_t at = 3;
	long ret;

	need(!pipe(a) && !pipe(b) && raw_write(fd, "0123456789", 10) == 10, "pipes");
	raw3(SYS_lseek, fd, 1, SEEK_SET);
#define MOVED(name_, call_) do { \
	ret = (call_); \
	raw3(SYS_ioctl, a[0], FIONREAD, (long)&in_a); \
	raw3(SYS_ioctl, b[0], FIONREAD, (long)&in_b); \
	saw(#name_, "pipes and positions", "%s in %d and %d, position %ld, offset %ld", result(ret), in_a, in_b, \
	    raw3(SYS_lseek, fd, 0, SEEK_CUR), (long)at); \
} while (0)
	MOVED(splice, splice(fd, &at, a[1], NULL, 4, 0));
	MOVED(splice, splice(fd, NULL, a[1], NULL, 3, 0));
	MOVED(tee, tee(a[0], b[1], 5, 0));
	at = 100;
	MOVED(splice, splice(a[0], NULL, fd, &at, 7, 0));
	MOVED(splice, splice(b[0], NULL, fd, NULL, 5, 0));
#undef MOVED
	close(fd);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

void descriptors(void)
{
	opens();
	pipes();
	closes();
	moves();
}

/* SPDX-License-Identifier: MIT */
/*
 * Another preload library: counts the calls that reach it and passes them on. At exit it writes the
 * counts to the file named by COUNTER_FILE.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNTED(name) static unsigned long count_##name
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

COUNTED(read);
COUNTED(write);
COUNTED(pread);
COUNTED(pwrite);
COUNTED(fsync);
COUNTED(recv);
COUNTED(send);
COUNTED(accept);
COUNTED(connect);
COUNTED(close);
COUNTED(sigaction);
COUNTED(fork);

ssize_t read(int fd, void *buf, size_t len) { count_read++; return NEXT(read)(fd, buf, len); }
ssize_t write(int fd, const void *buf, size_t len) { count_write++; return NEXT(write)(fd, buf, len); }
int fsync(int fd) { count_fsync++; return NEXT(fsync)(fd); }
int close(int fd) { count_close++; return NEXT(close)(fd); }
pid_t fork(void) { count_fork++; return NEXT(fork)(); }

ssize_t pread(int fd, void *buf, size_t len, off_t at)
{
	count_pread++;
	return NEXT(pread)(fd, buf, len, at);
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	count_pwrite++;
	return NEXT(pwrite)(fd, buf, len, at);
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	count_recv++;
	return NEXT(recv)(fd, buf, len, flags);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	count_send++;
	return NEXT(send)(fd, buf, len, flags);
}

int accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	count_accept++;
	return NEXT(accept)(fd, addr, len);
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	count_connect++;
	return NEXT(connect)(fd, addr, len);
}

int sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	count_sigaction++;
	return NEXT(sigaction)(sig, act, old);
}

__attribute__((destructor)) static void report(void)
{
	const char *name = getenv("COUNTER_FILE");
	char text[512];
	long fd;
	int len;

	if (!name)
		return;
	len = snprintf(text, sizeof(text),
		"read %lu\nwrite %lu\npread %lu\npwrite %lu\nfsync %lu\nrecv %lu\nsend %lu\n"
		"accept %lu\nconnect %lu\nclose %lu\nsigaction %lu\nfork %lu\n",
		count_read, count_write, count_pread, count_pwrite, count_fsync, count_recv,
		count_send, count_accept, count_connect, count_close, count_sigaction, count_fork);
	fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd >= 0)
		syscall(SYS_write, fd, text, len);
}

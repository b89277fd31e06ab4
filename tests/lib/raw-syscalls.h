/* SPDX-License-Identifier: MIT */
/*
 * System calls that bypass any preload library, for the test's own work (feeding and draining
 * peers, inspecting results) and for changes that the shim must not see. Results are the kernel's:
 * a negative errno on failure.
 */
#ifndef TESTS_LIB_RAW_SYSCALLS_H
#define TESTS_LIB_RAW_SYSCALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "raw6.h"

static inline long raw3(long nr, long a, long b, long c)
{
	return raw6(nr, a, b, c, 0, 0, 0);
}

static inline long raw_read(int fd, void *buf, size_t len)
{
	return raw3(SYS_read, fd, (long)buf, (long)len);
}

static inline long raw_write(int fd, const void *buf, size_t len)
{
	return raw3(SYS_write, fd, (long)buf, (long)len);
}

static inline long raw_pread(int fd, void *buf, size_t len, off_t off)
{
	return raw6(SYS_pread64, fd, (long)buf, (long)len, off, 0, 0);
}

static inline long raw_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	return raw6(SYS_pwrite64, fd, (long)buf, (long)len, off, 0, 0);
}

static inline int raw_open(const char *path, int flags, int mode)
{
	return raw6(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0, 0);
}

static inline int raw_close(int fd)
{
	return raw3(SYS_close, fd, 0, 0);
}

static inline long raw_lseek(int fd, off_t off, int whence)
{
	return raw3(SYS_lseek, fd, off, whence);
}

static inline int raw_fcntl(int fd, int cmd, long arg)
{
	return raw3(SYS_fcntl, fd, cmd, arg);
}

static inline int raw_dup3(int from, int to)
{
	return raw3(SYS_dup3, from, to, 0);
}

static inline int raw_unlink(const char *path)
{
	return raw3(SYS_unlinkat, AT_FDCWD, (long)path, 0);
}

static inline int raw_ioctl(int fd, unsigned long cmd, void *arg)
{
	return raw3(SYS_ioctl, fd, (long)cmd, (long)arg);
}

static inline int raw_socket(int family, int type, int protocol)
{
	return raw3(SYS_socket, family, type, protocol);
}

static inline int raw_bind(int fd, const void *addr, socklen_t len)
{
	return raw3(SYS_bind, fd, (long)addr, len);
}

static inline int raw_listen(int fd, int backlog)
{
	return raw3(SYS_listen, fd, backlog, 0);
}

static inline int raw_connect(int fd, const void *addr, socklen_t len)
{
	return raw3(SYS_connect, fd, (long)addr, len);
}

static inline int raw_accept(int fd)
{
	return raw6(SYS_accept4, fd, 0, 0, SOCK_CLOEXEC, 0, 0);
}

static inline int raw_getsockname(int fd, void *addr, socklen_t *len)
{
	return raw3(SYS_getsockname, fd, (long)addr, (long)len);
}

static inline int raw_getpeername(int fd, void *addr, socklen_t *len)
{
	return raw3(SYS_getpeername, fd, (long)addr, (long)len);
}

static inline int raw_setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
	return raw6(SYS_setsockopt, fd, level, name, (long)val, len, 0);
}

static inline int raw_getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	return raw6(SYS_getsockopt, fd, level, name, (long)val, (long)len, 0);
}

static inline long raw_send(int fd, const void *buf, size_t len, int flags)
{
	return raw6(SYS_sendto, fd, (long)buf, (long)len, flags | MSG_NOSIGNAL, 0, 0);
}

static inline long raw_recvmsg(int fd, struct msghdr *msg, int flags)
{
	return raw3(SYS_recvmsg, fd, (long)msg, flags);
}

static inline long raw_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return raw3(SYS_sendmsg, fd, (long)msg, flags | MSG_NOSIGNAL);
}

static inline int raw_shutdown(int fd, int how)
{
	return raw3(SYS_shutdown, fd, how, 0);
}

/* Waits until an event (or an error) occurs on fd; returns the events, 0 after ms. */
static inline int raw_poll(int fd, short events, int ms)
{
	struct { int fd; short events, revents; } p = { fd, events, 0 };
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };
	long n = raw6(SYS_ppoll, (long)&p, 1, (long)&ts, 0, 8, 0);

	return n > 0 ? p.revents : 0;
}

static inline void raw_sleep_us(long us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	raw3(SYS_nanosleep, (long)&ts, 0, 0);
}

static inline int raw_gettid(void)
{
	return raw3(SYS_gettid, 0, 0, 0);
}

#endif

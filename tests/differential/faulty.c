/* SPDX-License-Identifier: MIT */
/*
 * A preload library that is wrong in the ways a careless shim is, one way for
 * each call: the differential test must tell all of them from the native calls.
 */
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Waits although the descriptor says not to. */
ssize_t read(int fd, void *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	poll(&p, 1, -1);
	return syscall(SYS_read, fd, buf, len);
}

/* Raises no SIGPIPE. */
ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	return syscall(SYS_sendto, fd, buf, len, flags | MSG_NOSIGNAL, NULL, 0);
}

/* Takes -1 for the current position. */
ssize_t pread(int fd, void *buf, size_t len, off_t off)
{
	if (off == -1)
		return syscall(SYS_read, fd, buf, len);
	return syscall(SYS_pread64, fd, buf, len, off);
}

/* Moves the position. */
ssize_t pwrite(int fd, const void *buf, size_t len, off_t off)
{
	ssize_t n = syscall(SYS_pwrite64, fd, buf, len, off);

	if (n > 0)
		lseek(fd, off + n, SEEK_SET);
	return n;
}

/* Does less than it was asked for. */
ssize_t write(int fd, const void *buf, size_t len)
{
	return syscall(SYS_write, fd, buf, len > 65536 ? 65536 : len);
}

/* Touches errno although all is well. */
int fdatasync(int fd)
{
	int ret = syscall(SYS_fdatasync, fd);

	if (ret == 0)
		errno = EAGAIN;
	return ret;
}

/* Loses a flag. */
int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	return syscall(SYS_accept4, fd, addr, len, flags & ~SOCK_NONBLOCK);
}

/* Reads what it was given before the kernel could refuse it. */
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	volatile size_t len = msg->msg_iovlen;

	(void)len;
	return syscall(SYS_sendmsg, fd, msg, flags);
}

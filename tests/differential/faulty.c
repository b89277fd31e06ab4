/* SPDX-License-Identifier: MIT */
/*
 * A preload library with the bugs of a careless shim, a different one in each call. The
 * differential test must report every one of them.
 */
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bug: waits on a non-blocking descriptor. */
ssize_t read(int fd, void *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	poll(&p, 1, -1);
	return syscall(SYS_read, fd, buf, len);
}

/* Bug: raises no SIGPIPE. */
ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	return syscall(SYS_sendto, fd, buf, len, flags | MSG_NOSIGNAL, NULL, 0);
}

/* Bug: accepts offset -1 as the current position. */
ssize_t pread(int fd, void *buf, size_t len, off_t off)
{
	if (off == -1)
		return syscall(SYS_read, fd, buf, len);
	return syscall(SYS_pread64, fd, buf, len, off);
}

/* Bug: moves the file position. */
ssize_t pwrite(int fd, const void *buf, size_t len, off_t off)
{
	ssize_t n = syscall(SYS_pwrite64, fd, buf, len, off);

	if (n > 0)
		lseek(fd, off + n, SEEK_SET);
	return n;
}

/* Bug: transfers less than it was asked to. */
ssize_t write(int fd, const void *buf, size_t len)
{
	return syscall(SYS_write, fd, buf, len > 65536 ? 65536 : len);
}

/* Bug: changes errno on success. */
int fdatasync(int fd)
{
	int ret = syscall(SYS_fdatasync, fd);

	if (ret == 0)
		errno = EAGAIN;
	return ret;
}

/* Bug: drops a flag. */
int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	return syscall(SYS_accept4, fd, addr, len, flags & ~SOCK_NONBLOCK);
}

/* Bug: reads the message before the kernel can refuse it. */
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	volatile size_t len = msg->msg_iovlen;

	(void)len;
	return syscall(SYS_sendmsg, fd, msg, flags);
}

/* SPDX-License-Identifier: MIT */
/*
 * The calls of the differential test: one row each, with the line of C that makes it. Compiled with
 * -fno-builtin and without _FORTIFY_SOURCE, so that each name is the symbol that is called.
 */
#undef _FORTIFY_SOURCE
#include "differential.h"

#include <sys/socket.h>
#include <sys/uio.h>

/* libc exports these without declaring them for us. */
ssize_t __read(int fd, void *buf, size_t len);
ssize_t __write(int fd, const void *buf, size_t len);
#ifdef __x86_64__	/* No new program can be linked to it on other architectures. */
#define HAS___SEND
ssize_t __send(int fd, const void *buf, size_t len, int flags);
#endif
int __connect(int fd, const struct sockaddr *addr, socklen_t len);
ssize_t __pread64(int fd, void *buf, size_t len, off64_t off);
ssize_t __pwrite64(int fd, const void *buf, size_t len, off64_t off);
ssize_t __read_chk(int fd, void *buf, size_t len, size_t room);
ssize_t __pread_chk(int fd, void *buf, size_t len, off_t off, size_t room);
ssize_t __pread64_chk(int fd, void *buf, size_t len, off64_t off, size_t room);
ssize_t __recv_chk(int fd, void *buf, size_t len, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *buf, size_t len, size_t room, int flags,
		       struct sockaddr *addr, socklen_t *addrlen);

static const size_t unbounded = (size_t)-1;

static long run_read(struct args *a) { return read(a->fd, a->buf, a->len); }
static long run_write(struct args *a) { return write(a->fd, a->buf, a->len); }
static long run___read(struct args *a) { return __read(a->fd, a->buf, a->len); }
static long run___write(struct args *a) { return __write(a->fd, a->buf, a->len); }

static long run___read_chk(struct args *a)
{
	return __read_chk(a->fd, a->buf, a->len, unbounded);
}

static long run_pread(struct args *a) { return pread(a->fd, a->buf, a->len, a->off); }
static long run_pwrite(struct args *a) { return pwrite(a->fd, a->buf, a->len, a->off); }
static long run_pread64(struct args *a) { return pread64(a->fd, a->buf, a->len, a->off); }
static long run_pwrite64(struct args *a) { return pwrite64(a->fd, a->buf, a->len, a->off); }
static long run___pread64(struct args *a) { return __pread64(a->fd, a->buf, a->len, a->off); }
static long run___pwrite64(struct args *a) { return __pwrite64(a->fd, a->buf, a->len, a->off); }

static long run___pread_chk(struct args *a)
{
	return __pread_chk(a->fd, a->buf, a->len, a->off, unbounded);
}

static long run___pread64_chk(struct args *a)
{
	return __pread64_chk(a->fd, a->buf, a->len, a->off, unbounded);
}

static long run_readv(struct args *a) { return readv(a->fd, a->iov, a->iovcnt); }
static long run_writev(struct args *a) { return writev(a->fd, a->iov, a->iovcnt); }
static long run_preadv(struct args *a) { return preadv(a->fd, a->iov, a->iovcnt, a->off); }
static long run_pwritev(struct args *a) { return pwritev(a->fd, a->iov, a->iovcnt, a->off); }
static long run_preadv64(struct args *a) { return preadv64(a->fd, a->iov, a->iovcnt, a->off); }
static long run_pwritev64(struct args *a) { return pwritev64(a->fd, a->iov, a->iovcnt, a->off); }

static long run_preadv2(struct args *a)
{
	return preadv2(a->fd, a->iov, a->iovcnt, a->off, a->flags);
}

static long run_pwritev2(struct args *a)
{
	return pwritev2(a->fd, a->iov, a->iovcnt, a->off, a->flags);
}

static long run_preadv64v2(struct args *a)
{
	return preadv64v2(a->fd, a->iov, a->iovcnt, a->off, a->flags);
}

static long run_pwritev64v2(struct args *a)
{
	return pwritev64v2(a->fd, a->iov, a->iovcnt, a->off, a->flags);
}

static long run_recv(struct args *a) { return recv(a->fd, a->buf, a->len, a->flags); }
static long run_send(struct args *a) { return send(a->fd, a->buf, a->len, a->flags); }
#ifdef HAS___SEND
static long run___send(struct args *a) { return __send(a->fd, a->buf, a->len, a->flags); }
#endif

static long run___recv_chk(struct args *a)
{
	return __recv_chk(a->fd, a->buf, a->len, unbounded, a->flags);
}

static long run_recvfrom(struct args *a)
{
	return recvfrom(a->fd, a->buf, a->len, a->flags, a->addr, a->addrlenp);
}

static long run___recvfrom_chk(struct args *a)
{
	return __recvfrom_chk(a->fd, a->buf, a->len, unbounded, a->flags, a->addr, a->addrlenp);
}

static long run_sendto(struct args *a)
{
	return sendto(a->fd, a->buf, a->len, a->flags, a->addr, a->addrlen);
}

static long run_recvmsg(struct args *a) { return recvmsg(a->fd, a->msg, a->flags); }
static long run_sendmsg(struct args *a) { return sendmsg(a->fd, a->msg, a->flags); }

static long run_recvmmsg(struct args *a)
{
	return recvmmsg(a->fd, a->mmsg, a->vlen, a->flags, a->timeout);
}

static long run_sendmmsg(struct args *a)
{
	return sendmmsg(a->fd, a->mmsg, a->vlen, a->flags);
}

static long run_accept(struct args *a) { return accept(a->fd, a->addr, a->addrlenp); }

static long run_accept4(struct args *a)
{
	return accept4(a->fd, a->addr, a->addrlenp, a->flags);
}

static long run_connect(struct args *a) { return connect(a->fd, a->addr, a->addrlen); }
static long run___connect(struct args *a) { return __connect(a->fd, a->addr, a->addrlen); }
static long run_shutdown(struct args *a) { return shutdown(a->fd, a->flags); }
static long run_fsync(struct args *a) { return fsync(a->fd); }
static long run_fdatasync(struct args *a) { return fdatasync(a->fd); }

static long run_sync_file_range(struct args *a)
{
	return sync_file_range(a->fd, a->off, a->count, a->flags);
}

static long sys_read(struct args *a) { return syscall(SYS_read, a->fd, a->buf, a->len); }
static long sys_write(struct args *a) { return syscall(SYS_write, a->fd, a->buf, a->len); }

static long sys_pread64(struct args *a)
{
	return syscall(SYS_pread64, a->fd, a->buf, a->len, a->off);
}

static long sys_pwrite64(struct args *a)
{
	return syscall(SYS_pwrite64, a->fd, a->buf, a->len, a->off);
}

static long sys_readv(struct args *a) { return syscall(SYS_readv, a->fd, a->iov, a->iovcnt); }
static long sys_writev(struct args *a) { return syscall(SYS_writev, a->fd, a->iov, a->iovcnt); }

static long sys_preadv2(struct args *a)
{
	return syscall(SYS_preadv2, a->fd, a->iov, a->iovcnt, a->off, 0L, a->flags);
}

static long sys_pwritev2(struct args *a)
{
	return syscall(SYS_pwritev2, a->fd, a->iov, a->iovcnt, a->off, 0L, a->flags);
}

static long sys_recvfrom(struct args *a)
{
	return syscall(SYS_recvfrom, a->fd, a->buf, a->len, a->flags, a->addr, a->addrlenp);
}

static long sys_sendto(struct args *a)
{
	return syscall(SYS_sendto, a->fd, a->buf, a->len, a->flags, a->addr, a->addrlen);
}

static long sys_recvmsg(struct args *a) { return syscall(SYS_recvmsg, a->fd, a->msg, a->flags); }
static long sys_sendmsg(struct args *a) { return syscall(SYS_sendmsg, a->fd, a->msg, a->flags); }

static long sys_accept4(struct args *a)
{
	return syscall(SYS_accept4, a->fd, a->addr, a->addrlenp, a->flags);
}

static long sys_connect(struct args *a)
{
	return syscall(SYS_connect, a->fd, a->addr, a->addrlen);
}

static long sys_fsync(struct args *a) { return syscall(SYS_fsync, a->fd); }

const struct call calls[] = {
	{ "read", SH_BUF, DIR_IN, false, run_read },
	{ "write", SH_BUF, DIR_OUT, false, run_write },
	{ "__read", SH_BUF, DIR_IN, true, run___read },
	{ "__write", SH_BUF, DIR_OUT, true, run___write },
	{ "__read_chk", SH_BUF, DIR_IN, true, run___read_chk },
	{ "pread", SH_BUFOFF, DIR_IN, false, run_pread },
	{ "pwrite", SH_BUFOFF, DIR_OUT, false, run_pwrite },
	{ "pread64", SH_BUFOFF, DIR_IN, true, run_pread64 },
	{ "pwrite64", SH_BUFOFF, DIR_OUT, true, run_pwrite64 },
	{ "__pread64", SH_BUFOFF, DIR_IN, true, run___pread64 },
	{ "__pwrite64", SH_BUFOFF, DIR_OUT, true, run___pwrite64 },
	{ "__pread_chk", SH_BUFOFF, DIR_IN, true, run___pread_chk },
	{ "__pread64_chk", SH_BUFOFF, DIR_IN, true, run___pread64_chk },
	{ "readv", SH_VEC, DIR_IN, false, run_readv },
	{ "writev", SH_VEC, DIR_OUT, false, run_writev },
	{ "preadv", SH_VECOFF, DIR_IN, false, run_preadv },
	{ "pwritev", SH_VECOFF, DIR_OUT, false, run_pwritev },
	{ "preadv64", SH_VECOFF, DIR_IN, true, run_preadv64 },
	{ "pwritev64", SH_VECOFF, DIR_OUT, true, run_pwritev64 },
	{ "preadv2", SH_VECOFF2, DIR_IN, false, run_preadv2 },
	{ "pwritev2", SH_VECOFF2, DIR_OUT, false, run_pwritev2 },
	{ "preadv64v2", SH_VECOFF2, DIR_IN, true, run_preadv64v2 },
	{ "pwritev64v2", SH_VECOFF2, DIR_OUT, true, run_pwritev64v2 },
	{ "fsync", SH_SYNC, DIR_OUT, false, run_fsync },
	{ "fdatasync", SH_SYNC, DIR_OUT, false, run_fdatasync },
	{ "sync_file_range", SH_RANGE, DIR_OUT, false, run_sync_file_range },
	{ "accept", SH_ACCEPT, DIR_IN, false, run_accept },
	{ "accept4", SH_ACCEPT4, DIR_IN, false, run_accept4 },
	{ "connect", SH_CONNECT, DIR_OUT, false, run_connect },
	{ "__connect", SH_CONNECT, DIR_OUT, true, run___connect },
	{ "recv", SH_SBUF, DIR_IN, false, run_recv },
	{ "send", SH_SBUF, DIR_OUT, false, run_send },
#ifdef HAS___SEND
	{ "__send", SH_SBUF, DIR_OUT, true, run___send },
#endif
	{ "__recv_chk", SH_SBUF, DIR_IN, true, run___recv_chk },
	{ "recvfrom", SH_SADDR, DIR_IN, false, run_recvfrom },
	{ "sendto", SH_SADDR, DIR_OUT, false, run_sendto },
	{ "__recvfrom_chk", SH_SADDR, DIR_IN, true, run___recvfrom_chk },
	{ "recvmsg", SH_MSG, DIR_IN, false, run_recvmsg },
	{ "sendmsg", SH_MSG, DIR_OUT, false, run_sendmsg },
	{ "recvmmsg", SH_MMSG, DIR_IN, false, run_recvmmsg },
	{ "sendmmsg", SH_MMSG, DIR_OUT, false, run_sendmmsg },
	{ "shutdown", SH_SHUT, DIR_OUT, false, run_shutdown },
	{ "syscall(read)", SH_BUF, DIR_IN, true, sys_read },
	{ "syscall(write)", SH_BUF, DIR_OUT, true, sys_write },
	{ "syscall(pread64)", SH_BUFOFF, DIR_IN, true, sys_pread64 },
	{ "syscall(pwrite64)", SH_BUFOFF, DIR_OUT, true, sys_pwrite64 },
	{ "syscall(readv)", SH_VEC, DIR_IN, true, sys_readv },
	{ "syscall(writev)", SH_VEC, DIR_OUT, true, sys_writev },
	{ "syscall(preadv2)", SH_VECOFF2, DIR_IN, true, sys_preadv2 },
	{ "syscall(pwritev2)", SH_VECOFF2, DIR_OUT, true, sys_pwritev2 },
	{ "syscall(recvfrom)", SH_SADDR, DIR_IN, true, sys_recvfrom },
	{ "syscall(sendto)", SH_SADDR, DIR_OUT, true, sys_sendto },
	{ "syscall(recvmsg)", SH_MSG, DIR_IN, true, sys_recvmsg },
	{ "syscall(sendmsg)", SH_MSG, DIR_OUT, true, sys_sendmsg },
	{ "syscall(accept4)", SH_ACCEPT4, DIR_IN, true, sys_accept4 },
	{ "syscall(connect)", SH_CONNECT, DIR_OUT, true, sys_connect },
	{ "syscall(fsync)", SH_SYNC, DIR_OUT, true, sys_fsync },
};

const unsigned int calls_len = sizeof(calls) / sizeof(calls[0]);

/* SPDX-License-Identifier: MIT */
/* Makes each call once and announces the submission queue entries that it must produce. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include "entries.h"

#define AT(pointer) ((uintptr_t)(pointer))
#define POSITION UINT64_MAX

/* A call can fail only if the file system does not support it. */
static void check(const char *call, long ret)
{
	if (ret < 0 && errno != EOPNOTSUPP)
		fprintf(stderr, "%s: %s\n", call, strerror(errno));
}

/* Announces the entries, given as parenthesised designated initialisers, and makes the call. */
#define CALL(name_, call_, ...) do { \
	static struct announcement as; \
	const struct uring_sqe sqes_[] = { __VA_ARGS__ }; \
	snprintf(as.name, sizeof(as.name), "%s", #name_); \
	as.count = sizeof(sqes_) / sizeof(*sqes_); \
	memcpy(as.sqes, sqes_, sizeof(sqes_)); \
	syscall(ENTRIES_CALL, &as); \
	check(#call_, (long)(call_)); \
	syscall(ENTRIES_CALL, NULL); \
} while (0)

static char buf[65536];
static struct iovec iov[2] = { { buf, 100 }, { buf + 200, 50 } };
static const unsigned two = 2;

static int new_file(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || pwrite(fd, buf, sizeof(buf), 0) != sizeof(buf))
		exit(3);
	return fd;
}

static void transfers(void)
{
	int fd = new_file("file");

	CALL(read, read(fd, buf, 11), { .opcode = URING_OP_READ, .fd = fd, .addr = AT(buf), .len = 11,
		.off = POSITION });
	CALL(write, write(fd, buf, 12), { .opcode = URING_OP_WRITE, .fd = fd, .addr = AT(buf), .len = 12,
		.off = POSITION });
	CALL(pread, pread(fd, buf, 13, 4097), { .opcode = URING_OP_READ, .fd = fd, .addr = AT(buf),
		.len = 13, .off = 4097 });
	CALL(pwrite, pwrite(fd, buf, 14, 1L << 33), { .opcode = URING_OP_WRITE, .fd = fd,
		.addr = AT(buf), .len = 14, .off = 1L << 33 });
	CALL(readv, readv(fd, iov, 2), { .opcode = URING_OP_READV, .fd = fd, .addr = AT(iov), .len = 2,
		.off = POSITION });
	CALL(writev, writev(fd, iov, 2), { .opcode = URING_OP_WRITEV, .fd = fd, .addr = AT(iov), .len = 2,
		.off = POSITION });
	CALL(preadv, preadv(fd, iov, 2, 77), { .opcode = URING_OP_READV, .fd = fd, .addr = AT(iov),
		.len = 2, .off = 77 });
	CALL(pwritev, pwritev(fd, iov, 2, 78), { .opcode = URING_OP_WRITEV, .fd = fd, .addr = AT(iov),
		.len = 2, .off = 78 });
	CALL(preadv2, preadv2(fd, iov, 2, 79, 0), { .opcode = URING_OP_READV, .fd = fd,
		.addr = AT(iov), .len = 2, .off = 79 });
	CALL(pwritev2, pwritev2(fd, iov, 2, 80, RWF_DSYNC), { .opcode = URING_OP_WRITEV, .fd = fd,
		.addr = AT(iov), .len = 2, .off = 80, .rw_flags = RWF_DSYNC });
	close(fd);
}

/* A call that must not wait says so in its entry, in the way of its kind of file. */
static void nonblocking(void)
{
	int ends[2], pair[2], listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (pipe2(ends, O_NONBLOCK) || write(ends[1], buf, 99) != 99 || listen(listener, 1) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair))
		exit(3);
	CALL(read, read(ends[0], buf, 41), { .opcode = URING_OP_READ, .fd = ends[0], .addr = AT(buf),
		.len = 41, .off = POSITION, .rw_flags = RWF_NOWAIT });
	CALL(write, write(ends[1], buf, 42), { .opcode = URING_OP_WRITE, .fd = ends[1], .addr = AT(buf),
		.len = 42, .off = POSITION, .rw_flags = RWF_NOWAIT });
	CALL(send, send(pair[1], buf, 43, 0), { .opcode = URING_OP_SEND, .fd = pair[1], .addr = AT(buf),
		.len = 43, .msg_flags = MSG_DONTWAIT });
	CALL(recv, recv(pair[0], buf, 44, 0), { .opcode = URING_OP_RECV, .fd = pair[0], .addr = AT(buf),
		.len = 44, .msg_flags = MSG_DONTWAIT });
	CALL(accept, accept(listener, NULL, NULL) < 0 ? 0 : -1, { .opcode = URING_OP_ACCEPT,
		.fd = listener, .ioprio = URING_ACCEPT_DONTWAIT });
	for (int i = 0; i < 2; i++) {
		close(ends[i]);
		close(pair[i]);
	}
	close(listener);
}

static void syncs(void)
{
	int fd = new_file("synced");

	CALL(fsync, fsync(fd), { .opcode = URING_OP_FSYNC, .fd = fd });
	CALL(fdatasync, fdatasync(fd), { .opcode = URING_OP_FSYNC, .fd = fd,
		.fsync_flags = URING_FSYNC_DATASYNC });
	CALL(sync_file_range, sync_file_range(fd, 8192, 4096, SYNC_FILE_RANGE_WRITE),
	     { .opcode = URING_OP_SYNC_FILE_RANGE, .fd = fd, .off = 8192, .len = 4096,
	       .sync_range_flags = SYNC_FILE_RANGE_WRITE });
	close(fd);
}

static void transfers_on_sockets(int fd, int peer)
{
	CALL(read, read(fd, buf, 21), { .opcode = URING_OP_RECV, .fd = fd, .addr = AT(buf), .len = 21 });
	CALL(write, write(peer, buf, 22), { .opcode = URING_OP_SEND, .fd = peer, .addr = AT(buf),
		.len = 22, .msg_flags = MSG_WAITALL });
	CALL(readv, readv(fd, iov, 2), { .opcode = URING_OP_READV, .fd = fd, .addr = AT(iov), .len = 2,
		.off = POSITION });
	CALL(writev, writev(peer, iov, 2), { .opcode = URING_OP_SENDMSG, .fd = peer, .addr = SOMEWHERE,
		.len = 1, .msg_flags = MSG_WAITALL });
}

static void messages(int fd, int peer)
{
	struct msghdr out = { .msg_iov = iov, .msg_iovlen = 2 };
	struct msghdr in = { .msg_iov = iov, .msg_iovlen = 1 };
	struct mmsghdr many[2] = { { .msg_hdr = out }, { .msg_hdr = out } };
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	CALL(send, send(peer, buf, 31, MSG_NOSIGNAL), { .opcode = URING_OP_SEND, .fd = peer,
		.addr = AT(buf), .len = 31, .msg_flags = MSG_NOSIGNAL | MSG_WAITALL });
	CALL(recv, recv(fd, buf, 5, MSG_PEEK), { .opcode = URING_OP_RECV, .fd = fd, .addr = AT(buf),
		.len = 5, .msg_flags = MSG_PEEK });
	CALL(sendto, sendto(peer, buf, 32, MSG_MORE, NULL, 0), { .opcode = URING_OP_SEND, .fd = peer,
		.addr = AT(buf), .len = 32, .msg_flags = MSG_MORE | MSG_WAITALL });
	CALL(recvfrom, recvfrom(fd, buf, 33, 0, NULL, NULL), { .opcode = URING_OP_RECV, .fd = fd,
		.addr = AT(buf), .len = 33 });
	CALL(sendmsg, sendmsg(peer, &out, MSG_NOSIGNAL), { .opcode = URING_OP_SENDMSG, .fd = peer,
		.addr = AT(&out), .len = 1, .msg_flags = MSG_NOSIGNAL | MSG_WAITALL });
	CALL(recvmsg, recvmsg(fd, &in, MSG_PEEK), { .opcode = URING_OP_RECVMSG, .fd = fd,
		.addr = AT(&in), .len = 1, .msg_flags = MSG_PEEK });
	CALL(recvfrom, recvfrom(fd, buf, 3, MSG_PEEK, (struct sockaddr *)&from, &len),
	     { .opcode = URING_OP_RECVMSG, .fd = fd, .addr = SOMEWHERE, .len = 1, .msg_flags = MSG_PEEK });
	CALL(sendmmsg, sendmmsg(peer, many, two, MSG_NOSIGNAL),
	     { .opcode = URING_OP_SENDMSG, .fd = peer, .addr = AT(&many[0].msg_hdr), .len = 1,
	       .flags = URING_SQE_IO_LINK, .msg_flags = MSG_NOSIGNAL | MSG_WAITALL },
	     { .opcode = URING_OP_SENDMSG, .fd = peer, .addr = AT(&many[1].msg_hdr), .len = 1,
	       .msg_flags = MSG_NOSIGNAL | MSG_WAITALL });
}

/* On a stream the call goes direct, because natively it first looks for a pending error. */
static void several_datagrams(void)
{
	struct mmsghdr many[2] = {
		{ .msg_hdr = { .msg_iov = iov, .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = iov, .msg_iovlen = 1 } },
	};
	int pair[2], fd;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		exit(1);
	fd = pair[0];
	if (send(pair[1], buf, 5, 0) != 5)
		exit(1);
	CALL(recvmmsg, recvmmsg(fd, many, two, MSG_PEEK, NULL),
	     { .opcode = URING_OP_RECVMSG, .fd = fd, .addr = AT(&many[0].msg_hdr), .len = 1,
	       .flags = URING_SQE_IO_LINK, .msg_flags = MSG_PEEK },
	     { .opcode = URING_OP_RECVMSG, .fd = fd, .addr = AT(&many[1].msg_hdr), .len = 1,
	       .msg_flags = MSG_PEEK });
	close(pair[0]);
	close(pair[1]);
}

/* A message with an address is sent as SENDMSG. */
static void datagrams(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(to);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (bind(fd, (struct sockaddr *)&to, len) || getsockname(fd, (struct sockaddr *)&to, &len))
		exit(3);
	CALL(sendto, sendto(fd, buf, 34, 0, (struct sockaddr *)&to, len),
	     { .opcode = URING_OP_SENDMSG, .fd = fd, .addr = SOMEWHERE, .len = 1 });
	close(fd);
}

static void sockets(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd, peer, other;

	CALL(socket, socket(AF_INET, SOCK_STREAM, IPPROTO_TCP), { .opcode = URING_OP_SOCKET,
		.fd = AF_INET, .off = SOCK_STREAM, .len = IPPROTO_TCP });
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CALL(bind, bind(fd, (struct sockaddr *)&addr, len), { .opcode = URING_OP_BIND, .fd = fd,
		.addr = AT(&addr), .off = len });
	CALL(listen, listen(fd, 7), { .opcode = URING_OP_LISTEN, .fd = fd, .len = 7 });
	getsockname(fd, (struct sockaddr *)&addr, &len);
	peer = socket(AF_INET, SOCK_STREAM, 0);
	CALL(connect, connect(peer, (struct sockaddr *)&addr, len), { .opcode = URING_OP_CONNECT,
		.fd = peer, .addr = AT(&addr), .off = len });
	CALL(accept, other = accept(fd, NULL, NULL), { .opcode = URING_OP_ACCEPT, .fd = fd });
	send(peer, buf, 1000, 0);
	transfers_on_sockets(other, peer);
	messages(other, peer);
	CALL(shutdown, shutdown(peer, SHUT_WR), { .opcode = URING_OP_SHUTDOWN, .fd = peer,
		.len = SHUT_WR });
	close(peer);
	close(other);
	peer = socket(AF_INET, SOCK_STREAM, 0);
	connect(peer, (struct sockaddr *)&addr, len);
	CALL(accept4, other = accept4(fd, (struct sockaddr *)&addr, &len, SOCK_CLOEXEC),
	     { .opcode = URING_OP_ACCEPT, .fd = fd, .addr = AT(&addr), .off = AT(&len),
	       .accept_flags = SOCK_CLOEXEC });
	close(peer);
	close(other);
	close(fd);
}

static void opens(void)
{
	struct uring_open_how how = { .flags = O_RDONLY, .resolve = 8 };
	static const char name[] = "opened";
	int fd, dir = open(".", O_RDONLY | O_DIRECTORY), fds[2];

	CALL(creat, fd = creat(name, 0640), { .opcode = URING_OP_OPENAT, .flags = URING_SQE_ASYNC,
		.fd = AT_FDCWD, .addr = AT(name), .len = 0640, .open_flags = O_CREAT | O_WRONLY | O_TRUNC });
	close(fd);
	CALL(open, fd = open(name, O_RDWR | O_CREAT, 0604), { .opcode = URING_OP_OPENAT,
		.flags = URING_SQE_ASYNC, .fd = AT_FDCWD, .addr = AT(name), .len = 0604,
		.open_flags = O_RDWR | O_CREAT });
	CALL(close, close(fd), { .opcode = URING_OP_CLOSE, .fd = fd });
	CALL(openat, fd = openat(dir, name, O_RDONLY | O_CLOEXEC), { .opcode = URING_OP_OPENAT,
		.flags = URING_SQE_ASYNC, .fd = dir, .addr = AT(name), .open_flags = O_RDONLY | O_CLOEXEC });
	close(fd);
	CALL(openat2, fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how)),
	     { .opcode = URING_OP_OPENAT2, .flags = URING_SQE_ASYNC, .fd = dir, .addr = AT(name),
	       .len = sizeof(how), .off = AT(&how) });
	close(fd);
	close(dir);
	CALL(pipe, pipe(fds), { .opcode = URING_OP_PIPE, .addr = AT(fds) });
	close(fds[0]);
	close(fds[1]);
	CALL(pipe2, pipe2(fds, O_CLOEXEC), { .opcode = URING_OP_PIPE, .addr = AT(fds),
		.pipe_flags = O_CLOEXEC });
	close(fds[0]);
	close(fds[1]);
}

static void attributes(void)
{
	static const char name[] = "attributes";
	int fd = new_file(name), dir = open(".", O_RDONLY | O_DIRECTORY);
	struct statx statx_;
	struct stat st;

	CALL(stat, stat(name, &st), { .opcode = URING_OP_STATX, .fd = AT_FDCWD, .addr = AT(name),
		.len = STATX_BASIC_STATS, .off = SOMEWHERE, .statx_flags = AT_NO_AUTOMOUNT });
	CALL(lstat, lstat(name, &st), { .opcode = URING_OP_STATX, .fd = AT_FDCWD, .addr = AT(name),
		.len = STATX_BASIC_STATS, .off = SOMEWHERE,
		.statx_flags = AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW });
	CALL(fstat, fstat(fd, &st), { .opcode = URING_OP_STATX, .fd = fd, .addr = SOMEWHERE,
		.len = STATX_BASIC_STATS, .off = SOMEWHERE, .statx_flags = AT_EMPTY_PATH });
	CALL(fstatat, fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), { .opcode = URING_OP_STATX,
		.fd = dir, .addr = AT(name), .len = STATX_BASIC_STATS, .off = SOMEWHERE,
		.statx_flags = AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW });
	CALL(statx, statx(dir, name, AT_STATX_DONT_SYNC, STATX_SIZE, &statx_), { .opcode = URING_OP_STATX,
		.fd = dir, .addr = AT(name), .len = STATX_SIZE, .off = AT(&statx_),
		.statx_flags = AT_STATX_DONT_SYNC });
	CALL(ftruncate, ftruncate(fd, 12345), { .opcode = URING_OP_FTRUNCATE, .fd = fd, .off = 12345 });
	CALL(fallocate, fallocate(fd, FALLOC_FL_KEEP_SIZE, 8192, 4096), { .opcode = URING_OP_FALLOCATE,
		.fd = fd, .off = 8192, .addr = 4096, .len = FALLOC_FL_KEEP_SIZE });
	CALL(posix_fallocate, posix_fallocate(fd, 4096, 20480), { .opcode = URING_OP_FALLOCATE,
		.fd = fd, .off = 4096, .addr = 20480 });
	CALL(posix_fadvise, posix_fadvise(fd, 4096, 8192, POSIX_FADV_RANDOM),
	     { .opcode = URING_OP_FADVISE, .fd = fd, .off = 4096, .len = 8192,
	       .fadvise_advice = POSIX_FADV_RANDOM });
	CALL(madvise, madvise((void *)(AT(buf) & ~4095ul), 4096, MADV_WILLNEED),
	     { .opcode = URING_OP_MADVISE, .fd = -1, .addr = AT(buf) & ~4095ul, .len = 4096,
	       .fadvise_advice = MADV_WILLNEED });
	close(fd);
	close(dir);
}

static void extended_attributes(void)
{
	static const char name[] = "extended", key[] = "user.key", value[] = "value";
	int fd = new_file(name);

	CALL(setxattr, setxattr(name, key, value, 5, XATTR_CREATE), { .opcode = URING_OP_SETXATTR,
		.addr = AT(key), .off = AT(value), .len = 5, .addr3 = AT(name),
		.xattr_flags = XATTR_CREATE });
	CALL(fsetxattr, fsetxattr(fd, key, value, 4, XATTR_REPLACE), { .opcode = URING_OP_FSETXATTR,
		.fd = fd, .addr = AT(key), .off = AT(value), .len = 4, .xattr_flags = XATTR_REPLACE });
	CALL(getxattr, getxattr(name, key, buf, 77), { .opcode = URING_OP_GETXATTR, .addr = AT(key),
		.off = AT(buf), .len = 77, .addr3 = AT(name) });
	CALL(fgetxattr, fgetxattr(fd, key, buf, 78), { .opcode = URING_OP_FGETXATTR, .fd = fd,
		.addr = AT(key), .off = AT(buf), .len = 78 });
	close(fd);
}

static void names(void)
{
	static const char a[] = "a", b[] = "b", sub[] = "sub", sub2[] = "sub2", link_[] = "link";
	int dir = open(".", O_RDONLY | O_DIRECTORY);

	close(new_file(a));
	CALL(rename, rename(a, b), { .opcode = URING_OP_RENAMEAT, .fd = AT_FDCWD, .addr = AT(a),
		.off = AT(b), .len = (uint32_t)AT_FDCWD });
	CALL(renameat, renameat(dir, b, AT_FDCWD, a), { .opcode = URING_OP_RENAMEAT, .fd = dir,
		.addr = AT(b), .off = AT(a), .len = (uint32_t)AT_FDCWD });
	CALL(renameat2, renameat2(AT_FDCWD, a, dir, b, RENAME_NOREPLACE), { .opcode = URING_OP_RENAMEAT,
		.fd = AT_FDCWD, .addr = AT(a), .off = AT(b), .len = (uint32_t)dir,
		.rename_flags = RENAME_NOREPLACE });
	CALL(link, link(b, a), { .opcode = URING_OP_LINKAT, .fd = AT_FDCWD, .addr = AT(b), .off = AT(a),
		.len = (uint32_t)AT_FDCWD });
	CALL(unlink, unlink(a), { .opcode = URING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = AT(a) });
	CALL(linkat, linkat(dir, b, AT_FDCWD, a, AT_SYMLINK_FOLLOW), { .opcode = URING_OP_LINKAT,
		.fd = dir, .addr = AT(b), .off = AT(a), .len = (uint32_t)AT_FDCWD,
		.hardlink_flags = AT_SYMLINK_FOLLOW });
	CALL(symlink, symlink(a, link_), { .opcode = URING_OP_SYMLINKAT, .fd = AT_FDCWD, .addr = AT(a),
		.off = AT(link_) });
	CALL(unlinkat, unlinkat(dir, link_, 0), { .opcode = URING_OP_UNLINKAT, .fd = dir,
		.addr = AT(link_) });
	CALL(symlinkat, symlinkat(a, dir, link_), { .opcode = URING_OP_SYMLINKAT, .fd = dir,
		.addr = AT(a), .off = AT(link_) });
	CALL(mkdir, mkdir(sub, 0710), { .opcode = URING_OP_MKDIRAT, .fd = AT_FDCWD, .addr = AT(sub),
		.len = 0710 });
	CALL(mkdirat, mkdirat(dir, sub2, 0701), { .opcode = URING_OP_MKDIRAT, .fd = dir,
		.addr = AT(sub2), .len = 0701 });
	CALL(unlinkat, unlinkat(dir, sub2, AT_REMOVEDIR), { .opcode = URING_OP_UNLINKAT, .fd = dir,
		.addr = AT(sub2), .unlink_flags = AT_REMOVEDIR });
	close(dir);
}

static void moves(void)
{
	int fd = new_file("spliced"), a[2], b[2];
	off64_t at = 4096;

	if (pipe(a) || pipe(b))
		exit(3);
	CALL(splice, splice(fd, &at, a[1], NULL, 1000, SPLICE_F_MOVE), { .opcode = URING_OP_SPLICE,
		.fd = a[1], .off = UINT64_MAX, .addr = 4096, .len = 1000, .file_index = (uint32_t)fd,
		.splice_flags = SPLICE_F_MOVE });
	CALL(tee, tee(a[0], b[1], 900, SPLICE_F_MORE), { .opcode = URING_OP_TEE, .fd = b[1], .len = 900,
		.file_index = (uint32_t)a[0], .splice_flags = SPLICE_F_MORE });
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
	close(fd);
}

static void polls(void)
{
	struct pollfd fds[2] = { { .events = POLLIN | POLLPRI }, { .fd = -1 } };
	struct timespec soon = { 0, 2000000 };
	struct timeval soon_too = { 0, 2000 };
	struct epoll_event event = { .events = EPOLLIN }, events[4];
	int ends[2], epoll = epoll_create1(0);
	fd_set in;

	if (pipe(ends) || write(ends[1], "x", 1) != 1)
		exit(3);
	fds[0].fd = ends[0];
	epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
	CALL(poll, poll(fds, two, 1000), { .opcode = URING_OP_POLL_ADD, .fd = ends[0],
		.poll32_events = POLLIN | POLLPRI });
	CALL(ppoll, ppoll(fds, two, &soon, NULL), { .opcode = URING_OP_POLL_ADD, .fd = ends[0],
		.poll32_events = POLLIN | POLLPRI });
	FD_ZERO(&in);
	FD_SET(ends[0], &in);
	CALL(select, select(ends[0] + 1, &in, NULL, NULL, &soon_too), { .opcode = URING_OP_POLL_ADD,
		.fd = ends[0], .poll32_events = POLLIN | POLLRDNORM | POLLRDBAND });
	CALL(pselect, pselect(ends[0] + 1, &in, NULL, NULL, &soon, NULL), { .opcode = URING_OP_POLL_ADD,
		.fd = ends[0], .poll32_events = POLLIN | POLLRDNORM | POLLRDBAND });
	CALL(epoll_wait, epoll_wait(epoll, events, 4, 1000), { .opcode = URING_OP_EPOLL_WAIT,
		.fd = epoll, .addr = AT(events), .len = 4 });
	CALL(epoll_pwait, epoll_pwait(epoll, events, 3, 1000, NULL), { .opcode = URING_OP_EPOLL_WAIT,
		.fd = epoll, .addr = AT(events), .len = 3 });
	CALL(epoll_pwait2, epoll_pwait2(epoll, events, 2, &soon, NULL), { .opcode = URING_OP_EPOLL_WAIT,
		.fd = epoll, .addr = AT(events), .len = 2 });
	close(ends[0]);
	close(ends[1]);
	close(epoll);
}

static void sleeps(void)
{
	struct timespec soon = { 0, 1000000 }, then;

	CALL(nanosleep, nanosleep(&soon, NULL), { .opcode = URING_OP_TIMEOUT, .fd = -1,
		.addr = SOMEWHERE, .len = 1 });
	/*
	 * A time namespace can shift the other clocks, so a time on those becomes a relative one.
	 */
	clock_gettime(CLOCK_REALTIME, &then);
	CALL(clock_nanosleep, clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &then, NULL),
	     { .opcode = URING_OP_TIMEOUT, .fd = -1, .addr = SOMEWHERE, .len = 1,
	       .timeout_flags = URING_TIMEOUT_ABS | URING_TIMEOUT_REALTIME });
	CALL(usleep, usleep(1000), { .opcode = URING_OP_TIMEOUT, .fd = -1, .addr = SOMEWHERE, .len = 1 });
	CALL(sleep, sleep(1), { .opcode = URING_OP_TIMEOUT, .fd = -1, .addr = SOMEWHERE, .len = 1 });
}

/* Returns a child that has already exited. */
static pid_t ended(void)
{
	siginfo_t info;
	pid_t child = fork();

	if (!child)
		_exit(3);
	syscall(SYS_waitid, P_PID, child, &info, WEXITED | WNOWAIT, NULL);
	return child;
}

static void children(void)
{
	siginfo_t info;
	int status;
	pid_t child;

	child = ended();
	CALL(waitid, waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), { .opcode = URING_OP_WAITID,
		.fd = child, .len = P_PID, .off = AT(&info), .file_index = WEXITED | WNOWAIT });
	CALL(waitpid, waitpid(child, &status, WUNTRACED), { .opcode = URING_OP_WAITID, .fd = child,
		.len = P_PID, .off = SOMEWHERE, .file_index = WEXITED | WUNTRACED });
	ended();
	CALL(wait4, wait4(-1, &status, WCONTINUED, NULL), { .opcode = URING_OP_WAITID, .len = P_ALL,
		.off = SOMEWHERE, .file_index = WEXITED | WCONTINUED });
	ended();
	CALL(wait, wait(&status), { .opcode = URING_OP_WAITID, .len = P_ALL, .off = SOMEWHERE,
		.file_index = WEXITED });
}

void entries_make_calls(void)
{
	transfers();
	nonblocking();
	syncs();
	sockets();
	datagrams();
	several_datagrams();
	opens();
	attributes();
	extended_attributes();
	names();
	moves();
	polls();
	sleeps();
	children();
}

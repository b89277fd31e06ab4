/* The file family: what moves bytes through a descriptor. */
#include <linux/fs.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include "shim/next.h"
#include "shim/calls/position.h"
#include "shim/route.h"
#include "shim/sys.h"

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 0x00000008
#endif

/* What a call on a kind of file becomes. */
enum way {
	WAY_DIRECT,
	WAY_POSITION,	/* a transfer at the file position, which must be ours alone */
	WAY_PLAIN,	/* a transfer that knows no position */
	WAY_SOCKET,	/* a send or a receive */
};

static const uint8_t ways[] = {
	[FD_FILE] = WAY_POSITION,
	[FD_PIPE] = WAY_PLAIN,
	[FD_EVENT] = WAY_PLAIN,
	[FD_MEMORY] = WAY_PLAIN,
	[FD_STREAM] = WAY_SOCKET,
	[FD_DATAGRAM] = WAY_SOCKET,
	[FD_TTY] = WAY_DIRECT,
	[FD_OTHER] = WAY_DIRECT,
	[FD_BAD] = WAY_DIRECT,
};

/* A byte count as the 32 bits of an entry, capped as the kernel caps it. */
static inline unsigned transfer_len(size_t count)
{
	return count < TRANSFER_MAX ? (unsigned)count : TRANSFER_MAX;
}

static inline struct operation operation(const struct route *route, bool sleeps, int timeout_option)
{
	return (struct operation){
		.fd = route->fd,
		.sleeps = sleeps,
		.nonblocking = sleeps && fd_nonblocking(route->info),
		.timeout_option = timeout_option,
		.again = EAGAIN,
	};
}

/* EFBIG without the signal: ours to raise if the limit is the process's own. */
static COLD void owe_file_size_signal(const struct operation *op, off64_t offset)
{
	struct rlimit limit;
	long position = offset;

	if (op->signalled || getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return;
	if (offset < 0)
		position = sys3(SYS_lseek, op->fd, 0, SEEK_CUR);
	if (position >= 0 && (rlim_t)position >= limit.rlim_cur)
		contract_raise(SIGXFSZ);
}

/* The signals that come with a failed write, where the ring sent none. */
static void owe_signals(const struct operation *op, int err, off64_t offset)
{
	bool socket = op->timeout_option != 0;

	/* Sends never raise it; writes do, but not from a kernel worker. */
	if (err == EPIPE && (socket || !op->signalled))
		contract_raise(SIGPIPE);
	else if (err == EFBIG)
		owe_file_size_signal(op, offset);
}

/* As route_finish, for writes. */
static bool finish_write(const struct route *route, const struct operation *op, int ret,
			 ssize_t *res)
{
	if (unlikely(ret < 0) && !contract_declined(ret))
		owe_signals(op, -ret, -1);
	return route_finish(route, ret, res);
}

static bool read_position(struct route *route, struct operation *op, ssize_t *res)
{
	bool done;

	if (!position_take(route))
		return route_direct(route->call, REASON_POSITION);
	done = route_run(route, op, res);
	position_give(route, done);
	return done;
}

static bool ring_read(enum call call, int fd, void *buf, size_t count, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_fd(&route, call, fd))
		return position_leave(fd);
	/* Whether a read of nothing waits differs among kernels. */
	if (unlikely(!count))
		return route_direct(call, REASON_ARGUMENT);
	switch (ways[fd_kind(route.info)]) {
	case WAY_POSITION:
		op = operation(&route, false, 0);
		uring_prep_read(&op.sqe, fd, buf, transfer_len(count), -1);
		return read_position(&route, &op, res);
	case WAY_PLAIN:
		op = operation(&route, true, 0);
		uring_prep_read(&op.sqe, fd, buf, transfer_len(count), -1);
		op.sqe.rw_flags = op.nonblocking ? RWF_NOWAIT : 0;
		return route_run(&route, &op, res);
	case WAY_SOCKET:
		op = operation(&route, true, SO_RCVTIMEO);
		uring_prep_recv(&op.sqe, fd, buf, transfer_len(count),
				op.nonblocking ? MSG_DONTWAIT : 0);
		return route_run(&route, &op, res);
	}
	return route_direct(call, REASON_KIND);
}

static bool write_position(struct route *route, struct operation *op, ssize_t *res)
{
	int ret;

	if (!position_take(route))
		return route_direct(route->call, REASON_POSITION);
	ret = contract_run(route->thread, op);
	position_give(route, !contract_declined(ret));
	return finish_write(route, op, ret, res);
}

/*
 * The native call on a blocking pipe returns when all is written; one
 * operation returns when the pipe is full.
 */
static bool write_plain(struct route *route, struct operation *op, const char *buf, size_t count,
			ssize_t *res)
{
	bool whole = fd_kind(route->info) == FD_PIPE && !op->nonblocking;
	size_t written = 0;
	int ret;

	count = transfer_len(count);
	do {
		uring_prep_write(&op->sqe, route->fd, buf + written, (unsigned)(count - written), -1);
		op->sqe.rw_flags = op->nonblocking ? RWF_NOWAIT : 0;
		op->begun = written > 0;
		ret = contract_run(route->thread, op);
		written += ret > 0 ? (size_t)ret : 0;
	} while (whole && ret > 0 && written < count);
	if (written) {
		if (ret < 0 && !contract_declined(ret))
			owe_signals(op, -ret, -1);
		ret = (int)written;
	}
	return finish_write(route, op, ret, res);
}

static bool write_socket(struct route *route, struct operation *op, const void *buf, size_t count,
			 ssize_t *res)
{
	int flags = op->nonblocking ? MSG_DONTWAIT : 0;

	/* The native call on a blocking stream returns when all is sent. */
	if (fd_kind(route->info) == FD_STREAM && !op->nonblocking)
		flags |= MSG_WAITALL;
	uring_prep_send(&op->sqe, route->fd, buf, transfer_len(count), flags);
	return finish_write(route, op, contract_run(route->thread, op), res);
}

static bool ring_write(enum call call, int fd, const void *buf, size_t count, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_fd(&route, call, fd))
		return position_leave(fd);
	switch (ways[fd_kind(route.info)]) {
	case WAY_POSITION:
		op = operation(&route, false, 0);
		uring_prep_write(&op.sqe, fd, buf, transfer_len(count), -1);
		return write_position(&route, &op, res);
	case WAY_PLAIN:
		op = operation(&route, true, 0);
		return write_plain(&route, &op, buf, count, res);
	case WAY_SOCKET:
		op = operation(&route, true, SO_SNDTIMEO);
		return write_socket(&route, &op, buf, count, res);
	}
	return route_direct(call, REASON_KIND);
}

static bool ring_pread(enum call call, int fd, void *buf, size_t count, off64_t offset,
		       ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_fd(&route, call, fd))
		return false;
	/* To the ring, -1 is the file position. */
	if (offset < 0)
		return route_direct(call, REASON_ARGUMENT);
	if (fd_kind(route.info) != FD_FILE && fd_kind(route.info) != FD_MEMORY)
		return route_direct(call, REASON_KIND);
	op = operation(&route, false, 0);
	uring_prep_read(&op.sqe, fd, buf, transfer_len(count), (uint64_t)offset);
	return route_run(&route, &op, res);
}

EXPORT ssize_t read(int fd, void *buf, size_t count)
{
	ssize_t res;

	return ring_read(CALL_read, fd, buf, count, &res) ? res : next()->read(fd, buf, count);
}

EXPORT ssize_t __read(int fd, void *buf, size_t count)
{
	ssize_t res;

	return ring_read(CALL_read, fd, buf, count, &res) ? res : next()->__read(fd, buf, count);
}

EXPORT ssize_t __read_chk(int fd, void *buf, size_t count, size_t size)
{
	ssize_t res;

	if (count <= size && ring_read(CALL_read, fd, buf, count, &res))
		return res;
	return next()->__read_chk(fd, buf, count, size);
}

EXPORT ssize_t write(int fd, const void *buf, size_t count)
{
	ssize_t res;

	return ring_write(CALL_write, fd, buf, count, &res) ? res : next()->write(fd, buf, count);
}

EXPORT ssize_t __write(int fd, const void *buf, size_t count)
{
	ssize_t res;

	return ring_write(CALL_write, fd, buf, count, &res) ? res : next()->__write(fd, buf, count);
}

EXPORT ssize_t pread(int fd, void *buf, size_t count, off_t offset)
{
	ssize_t res;

	if (ring_pread(CALL_pread, fd, buf, count, offset, &res))
		return res;
	return next()->pread(fd, buf, count, offset);
}

EXPORT ssize_t pread64(int fd, void *buf, size_t count, off64_t offset)
{
	ssize_t res;

	if (ring_pread(CALL_pread, fd, buf, count, offset, &res))
		return res;
	return next()->pread64(fd, buf, count, offset);
}

EXPORT ssize_t __pread64(int fd, void *buf, size_t count, off64_t offset)
{
	ssize_t res;

	if (ring_pread(CALL_pread, fd, buf, count, offset, &res))
		return res;
	return next()->__pread64(fd, buf, count, offset);
}

EXPORT ssize_t __pread_chk(int fd, void *buf, size_t count, off_t offset, size_t size)
{
	ssize_t res;

	if (count <= size && ring_pread(CALL_pread, fd, buf, count, offset, &res))
		return res;
	return next()->__pread_chk(fd, buf, count, offset, size);
}

EXPORT ssize_t __pread64_chk(int fd, void *buf, size_t count, off64_t offset, size_t size)
{
	ssize_t res;

	if (count <= size && ring_pread(CALL_pread, fd, buf, count, offset, &res))
		return res;
	return next()->__pread64_chk(fd, buf, count, offset, size);
}

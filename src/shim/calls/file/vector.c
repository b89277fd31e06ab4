/* SPDX-License-Identifier: MIT */
/* The file family: readv(), writev(), preadv(), pwritev(), preadv2() and pwritev2(). */
#include <string.h>
#include <sys/uio.h>
#include "shim/calls/file/transfer.h"
#include "shim/symbols/next-symbol.h"
#include "shim/base/sys.h"

/* Flags that mean the same on a ring. Calls with any other flag go direct. */
static const int file_flags = RWF_DSYNC | RWF_SYNC | RWF_APPEND;

/*
 * Returns true if a vectored transfer at offset (-1: the file position) can go by ring. On a
 * descriptor without a file position the native call accepts no offset but -1 either.
 */
static bool route_vector(struct route *route, enum call call, int fd, int count, off64_t offset,
			 int flags)
{
	if (!route_begin_fd(route, call, fd))
		return offset == -1 ? file_position_leave(fd) : false;
	if (count <= 0 || count > IOV_MAX || offset < -1 || flags & ~file_flags)
		goto argument;
	switch (transfer_way(route)) {
	case WAY_FILE:
		return true;
	case WAY_MEMORY:
		if (!flags)
			return true;
		break;
	case WAY_PLAIN:
	case WAY_SOCKET:
		if (offset == -1 && !flags)
			return true;
		break;
	case WAY_DIRECT:
		break;
	}
	return route_refuse(call, REASON_KIND);
argument:
	if (offset == -1)
		file_position_leave(fd);
	return route_refuse(call, REASON_ARGUMENT);
}

/*
 * Leaves some errors to the native call. A ring checks the vector before the file, so if two
 * errors apply it can report the other one. Nothing has been transferred.
 */
static int leave_error_to_native(const struct route *route, int ret)
{
	/*
	 * An event counter loses the value that was read before the fault, so a second read
	 * would not find it.
	 */
	if (fd_kind(route->info) == FD_EVENT)
		return ret;
	return ret == -EFAULT || ret == -EINVAL ? DECLINED(ARGUMENT) : ret;
}

/*
 * Returns true if all pieces are empty. A native transfer of 0 bytes returns at once or fails
 * in ways of its own.
 */
static bool holds_nothing(const struct iovec *iov, int count)
{
	struct iovec one;

	for (int i = 0; i < count; i++) {
		/* Our caller's stack is readable; other memory may not be. */
		if ((uintptr_t)&iov[i] - (uintptr_t)__builtin_frame_address(0) < 2048)
			one = iov[i];
		else if (!sys_peek(&one, &iov[i], sizeof(one)))
			return false;
		if (one.iov_len)
			return false;
	}
	return true;
}

static bool ring_readv(enum call call, int fd, const struct iovec *iov, int count, off64_t offset,
		       int flags, ssize_t *res)
{
	struct transfer transfer = { .iov = iov, .iov_count = count };
	struct route route;
	struct operation op;
	bool file;
	int ret;

	if (!route_vector(&route, call, fd, count, offset, flags))
		return false;
	/* The kernel ends these reads early, and a vectored read cannot be continued. */
	if (fd_kind(route.info) == FD_MEMORY)
		return route_refuse(call, REASON_KIND);
	file = transfer_way(&route) == WAY_FILE;
	if (!file && holds_nothing(iov, count))
		return route_refuse(call, REASON_ARGUMENT);
	if (file)
		transfer_init_file(&op, &route);
	else
		transfer_init_stream(&op, &route, fd_is_socket(route.info) ? SO_RCVTIMEO : 0);
	fill_readv(&op,
		   (struct entry_vector){ .fd = fd,
					  .iov = iov,
					  .count = count,
					  .offset = (uint64_t)offset,
					  .flags = op.nonblocking ? RWF_NOWAIT : flags });
	if (file && offset == -1)
		ret = transfer_at_position(&route, &op, &transfer);
	else
		ret = op_run(route.thread, &op);
	return route_finish(
		&route, fd_is_socket(route.info) ? ret : leave_error_to_native(&route, ret), res);
}

/*
 * Prepares op to continue after the first skip bytes of iov, with at most as many pieces as fit
 * in rest.
 */
static void fill_rest(struct operation *op, const struct iovec *iov, int count, size_t skip,
		      struct iovec *rest, int fit)
{
	const struct iovec *pieces = iov;

	if (skip) {
		count = count < fit ? count : fit;
		for (int i = 0; i < count; i++)
			rest[i] = iov[i];
		rest->iov_base = (char *)rest->iov_base + skip;
		rest->iov_len -= skip;
		pieces = rest;
	}
	fill_writev(op,
		    (struct entry_vector){
			    .fd = op->fd, .iov = pieces, .count = count, .offset = URING_CUR_POS });
}

/*
 * Writes the rest of a vector of which a pipe took the first part. Returns how much has been
 * written in all. Like the native call, it passes the remaining pieces together: if a page is
 * to hold several pieces and the kernel cannot fill it, the kernel drops the page.
 */
static size_t write_rest(struct route *route, struct operation *op, const struct iovec *iov,
			 int count, size_t written)
{
	struct iovec rest[16];
	size_t skip = written;
	int ret;

	for (;;) {
		while (count && skip >= iov->iov_len) {
			skip -= iov->iov_len;
			iov++;
			count--;
		}
		if (!count || written >= TRANSFER_MAX || !transfer_is_still_pipe(route->fd))
			return written;
		fill_rest(op, iov, count, skip, rest, sizeof(rest) / sizeof(*rest));
		ret = transfer_next_part(*route, op);
		if (ret <= 0)
			return written;
		written += (size_t)ret;
		skip += (size_t)ret;
	}
}

static bool write_plain(struct route *route, const struct iovec *iov, int count, off64_t offset,
			ssize_t *res)
{
	struct operation op;
	int ret;

	if (transfer_way(route) == WAY_MEMORY)
		transfer_init_file(&op, route);
	else
		transfer_init_send(&op, route, 0);
	fill_writev(&op,
		    (struct entry_vector){ .fd = route->fd,
					   .iov = iov,
					   .count = count,
					   .offset = (uint64_t)offset,
					   .flags = op.nonblocking ? RWF_NOWAIT : 0 });
	ret = op_run(route->thread, &op);
	if (ret > 0 && fd_kind(route->info) == FD_PIPE && !op.nonblocking)
		ret = (int)write_rest(route, &op, iov, count, (size_t)ret);
	return transfer_finish_write(route, &op, leave_error_to_native(route, ret), -1, res);
}

static bool write_socket(struct route *route, const struct iovec *iov, int count, ssize_t *res)
{
	struct transfer transfer = { .write = true, .iov = iov, .iov_count = count };
	struct operation op;
	struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)count };
	int flags;

	transfer_init_send(&op, route, SO_SNDTIMEO);
	flags = op.nonblocking ? MSG_DONTWAIT : 0;
	if (fd_is_stream(route->info) && !op.nonblocking)
		flags = MSG_WAITALL;
	uring_prep_sendmsg(&op.sqe, route->fd, &msg, (unsigned)flags);
	return transfer_finish_write(route, &op, transfer_send(route, &op, &transfer), -1, res);
}

static bool write_file(struct route *route, const struct iovec *iov, int count, off64_t offset,
		       int flags, ssize_t *res)
{
	struct transfer transfer = { .write = true, .iov = iov, .iov_count = count };
	struct operation op;
	int ret;

	transfer_init_file(&op, route);
	fill_writev(&op,
		    (struct entry_vector){ .fd = route->fd,
					   .iov = iov,
					   .count = count,
					   .offset = (uint64_t)offset,
					   .flags = flags });
	if (offset == -1)
		ret = transfer_at_position(route, &op, &transfer);
	else
		ret = op_run(route->thread, &op);
	return transfer_finish_write(route, &op, leave_error_to_native(route, ret), offset, res);
}

static bool ring_writev(enum call call, int fd, const struct iovec *iov, int count, off64_t offset,
			int flags, ssize_t *res)
{
	struct route route;

	if (!route_vector(&route, call, fd, count, offset, flags))
		return false;
	if (fd_kind(route.info) == FD_EVENT)
		return route_refuse(call, REASON_KIND);
	if (transfer_way(&route) != WAY_FILE && holds_nothing(iov, count))
		return route_refuse(call, REASON_ARGUMENT);
	switch (transfer_way(&route)) {
	case WAY_FILE:
		return write_file(&route, iov, count, offset, flags, res);
	case WAY_SOCKET:
		return write_socket(&route, iov, count, res);
	default:
		return write_plain(&route, iov, count, offset, res);
	}
}

bool call_readv(int fd, const struct iovec *iov, int count, ssize_t *res)
{
	return ring_readv(CALL_readv, fd, iov, count, -1, 0, res);
}

bool call_writev(int fd, const struct iovec *iov, int count, ssize_t *res)
{
	return ring_writev(CALL_writev, fd, iov, count, -1, 0, res);
}

/* Unlike preadv2() and pwritev2(), these two do not accept the offset -1. */

bool call_preadv(int fd, const struct iovec *iov, int count, off64_t offset, ssize_t *res)
{
	if (offset < 0)
		return route_refuse(CALL_preadv, REASON_ARGUMENT);
	return ring_readv(CALL_preadv, fd, iov, count, offset, 0, res);
}

bool call_pwritev(int fd, const struct iovec *iov, int count, off64_t offset, ssize_t *res)
{
	if (offset < 0)
		return route_refuse(CALL_pwritev, REASON_ARGUMENT);
	return ring_writev(CALL_pwritev, fd, iov, count, offset, 0, res);
}

bool call_preadv2(int fd, const struct iovec *iov, int count, off64_t offset, int flags,
		  ssize_t *res)
{
	return ring_readv(CALL_preadv2, fd, iov, count, offset, flags, res);
}

bool call_pwritev2(int fd, const struct iovec *iov, int count, off64_t offset, int flags,
		   ssize_t *res)
{
	return ring_writev(CALL_pwritev2, fd, iov, count, offset, flags, res);
}

#include "shim/calls/made-exports-vector.h"

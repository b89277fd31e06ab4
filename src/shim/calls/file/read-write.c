/* SPDX-License-Identifier: MIT */
/* The file family: read(), write(), pread() and pwrite(). */
#include "shim/calls/file/transfer.h"
#include "shim/symbols/next-symbol.h"

/*
 * Makes a transfer at the file position go direct because only the native call can judge its
 * arguments. Returns false.
 */
static COLD bool refuse_argument(enum call call, int fd)
{
	file_position_leave(fd);
	return route_refuse(call, REASON_ARGUMENT);
}

/*
 * Reads from a memory device (FD_MEMORY). The kernel ends an operation on such a device early
 * when another task is to run; the native call continues until a signal arrives, so this loop
 * does too. The native call never fails with EINTR: it has read something by then.
 */
static ALWAYS_INLINE bool read_memory(struct route *route, char *buf, size_t count, uint64_t offset,
				      ssize_t *res)
{
	struct operation op;
	size_t got = 0;
	int ret;

	transfer_init_file(&op, route);
	count = transfer_len(count);
	do {
		fill_read(&op,
			  (struct entry_read){ .fd = route->fd,
					       .buf = buf + got,
					       .len = (unsigned)(count - got),
					       .offset = offset });
		ret = op_run(route->thread, &op);
		got += ret > 0 ? (size_t)ret : 0;
	} while (ret > 0 && got < count && op.status.handler_action == HANDLER_NONE);
	return route_finish(route, got ? (int)got : ret, res);
}

ALWAYS_INLINE bool call_read(int fd, void *buf, size_t count, ssize_t *res)
{
	struct transfer transfer = { .len = transfer_len(count), .buf = buf };
	struct route route;
	struct operation op;

	if (!route_begin_fd(&route, CALL_read, fd))
		return file_position_leave(fd);
	/* Kernels differ in whether a read of 0 bytes blocks. */
	if (unlikely(!count) || transfer_is_absurd(buf, count))
		return refuse_argument(CALL_read, fd);
	switch (transfer_way(&route)) {
	case WAY_FILE:
		transfer_init_file(&op, &route);
		fill_read(&op,
			  (struct entry_read){ .fd = fd,
					       .buf = buf,
					       .len = transfer_len(count),
					       .offset = URING_CUR_POS });
		return route_finish(&route, transfer_at_position(&route, &op, &transfer), res);
	case WAY_MEMORY:
		return read_memory(&route, buf, count, -1, res);
	case WAY_PLAIN:
		transfer_init_stream(&op, &route, 0);
		fill_read(&op,
			  (struct entry_read){ .fd = fd,
					       .buf = buf,
					       .len = transfer_len(count),
					       .offset = URING_CUR_POS });
		op.sqe.rw_flags = op.nonblocking ? RWF_NOWAIT : 0;
		return route_run(&route, &op, res);
	case WAY_SOCKET:
		transfer_init_stream(&op, &route, SO_RCVTIMEO);
		fill_recv(&op,
			  (struct entry_recv){ .fd = fd,
					       .buf = buf,
					       .len = transfer_len(count),
					       .flags = op.nonblocking ? MSG_DONTWAIT : 0 });
		return route_run(&route, &op, res);
	case WAY_DIRECT:
		break;
	}
	return route_refuse_always(route, REASON_KIND);
}

/*
 * Writes the rest to a blocking pipe after op, the first part, is done. The native call returns
 * when everything is written; an operation returns when the pipe is full. Returns how much has
 * been written in all.
 */
static int write_on(struct route route, struct operation *op, const char *buf, size_t count,
		    size_t written)
{
	int ret;

	do {
		if (!transfer_is_still_pipe(route.fd))
			break;
		fill_write(op,
			   (struct entry_write){ .fd = route.fd,
						 .buf = buf + written,
						 .len = (unsigned)(count - written),
						 .offset = URING_CUR_POS });
		ret = transfer_next_part(route, op);
		written += ret > 0 ? (size_t)ret : 0;
	} while (ret > 0 && written < count);
	return (int)written;
}

static ALWAYS_INLINE bool write_plain(struct route *route, const char *buf, size_t count,
				      ssize_t *res)
{
	struct operation op;
	int ret;

	count = transfer_len(count);
	transfer_init_send(&op, route, 0);
	fill_write(&op,
		   (struct entry_write){ .fd = route->fd,
					 .buf = buf,
					 .len = (unsigned)count,
					 .offset = URING_CUR_POS });
	op.sqe.rw_flags = op.nonblocking ? RWF_NOWAIT : 0;
	ret = op_run(route->thread, &op);
	if (unlikely((size_t)ret < count) && ret > 0 && fd_kind(route->info) == FD_PIPE &&
	    !op.nonblocking)
		ret = write_on(*route, &op, buf, count, (size_t)ret);
	return transfer_finish_write(route, &op, ret, -1, res);
}

static ALWAYS_INLINE bool write_memory(struct route *route, const char *buf, size_t count,
				       ssize_t *res)
{
	struct operation op;

	transfer_init_file(&op, route);
	fill_write(&op,
		   (struct entry_write){ .fd = route->fd,
					 .buf = buf,
					 .len = transfer_len(count),
					 .offset = URING_CUR_POS });
	return route_run(route, &op, res);
}

static ALWAYS_INLINE bool write_socket(struct route *route, const struct transfer *transfer,
				       ssize_t *res)
{
	struct operation op;
	int flags, ret;

	transfer_init_send(&op, route, SO_SNDTIMEO);
	flags = op.nonblocking ? MSG_DONTWAIT : 0;
	/* The native call on a blocking stream returns when everything is sent. */
	if (fd_is_stream(route->info) && !op.nonblocking)
		flags = MSG_WAITALL;
	fill_send(&op,
		  (struct entry_send){ .fd = route->fd,
				       .buf = transfer->buf,
				       .len = (unsigned)transfer->len,
				       .flags = flags });
	ret = transfer_send(route, &op, transfer);
	return transfer_finish_write(route, &op, ret, -1, res);
}

ALWAYS_INLINE bool call_write(int fd, const void *buf, size_t count, ssize_t *res)
{
	struct transfer transfer = { .write = true, .len = transfer_len(count), .buf = buf };
	struct route route;
	struct operation op;
	int ret;

	if (!route_begin_fd(&route, CALL_write, fd))
		return file_position_leave(fd);
	if (transfer_is_absurd(buf, count) ||
	    (unlikely(!count) && transfer_way(&route) != WAY_SOCKET))
		return refuse_argument(CALL_write, fd);
	switch (transfer_way(&route)) {
	case WAY_FILE:
		transfer_init_file(&op, &route);
		fill_write(&op,
			   (struct entry_write){ .fd = fd,
						 .buf = buf,
						 .len = transfer_len(count),
						 .offset = URING_CUR_POS });
		ret = transfer_at_position(&route, &op, &transfer);
		return transfer_finish_write(&route, &op, ret, -1, res);
	case WAY_MEMORY:
		return write_memory(&route, buf, count, res);
	case WAY_PLAIN:
		/* On an event descriptor the ring blocks before it detects a wrong count. */
		if (unlikely(fd_kind(route.info) == FD_EVENT))
			break;
		return write_plain(&route, buf, count, res);
	case WAY_SOCKET:
		return write_socket(&route, &transfer, res);
	case WAY_DIRECT:
		break;
	}
	return route_refuse_always(route, REASON_KIND);
}

/*
 * Returns true if a transfer at an offset can go by ring. A ring would take the offset -1 as
 * the file position.
 */
static ALWAYS_INLINE bool route_offset(struct route *route, enum call call, int fd, const void *buf,
				       size_t count, off64_t offset)
{
	if (!route_begin_fd(route, call, fd))
		return false;
	if (offset < 0 || !count || transfer_is_absurd(buf, count))
		return route_refuse(call, REASON_ARGUMENT);
	if (transfer_way(route) != WAY_FILE && transfer_way(route) != WAY_MEMORY)
		return route_refuse_always(*route, REASON_KIND);
	return true;
}

ALWAYS_INLINE bool call_pread(int fd, void *buf, size_t count, off64_t offset, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_offset(&route, CALL_pread, fd, buf, count, offset))
		return false;
	if (transfer_way(&route) == WAY_MEMORY)
		return read_memory(&route, buf, count, (uint64_t)offset, res);
	transfer_init_file(&op, &route);
	fill_read(&op,
		  (struct entry_read){ .fd = fd,
				       .buf = buf,
				       .len = transfer_len(count),
				       .offset = (uint64_t)offset });
	return route_run(&route, &op, res);
}

ALWAYS_INLINE bool call_pwrite(int fd, const void *buf, size_t count, off64_t offset, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_offset(&route, CALL_pwrite, fd, buf, count, offset))
		return false;
	transfer_init_file(&op, &route);
	fill_write(&op,
		   (struct entry_write){ .fd = fd,
					 .buf = buf,
					 .len = transfer_len(count),
					 .offset = (uint64_t)offset });
	return transfer_finish_write(&route, &op, op_run(route.thread, &op), offset, res);
}

#include "shim/calls/made-exports-read-write.h"

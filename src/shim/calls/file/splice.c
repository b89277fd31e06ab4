/* SPDX-License-Identifier: MIT */
/*
 * splice() and tee(), which move or copy data between two descriptors. sendfile(), vmsplice() and
 * copy_file_range() are always native.
 */
#include <fcntl.h>
#include "shim/base/sys.h"
#include "shim/calls/file/file-position.h"
#include "shim/calls/path/path.h"
#include "shim/symbols/next-symbol.h"
#include "shim/symbols/prototypes.h"

/*
 * Begins a splice or a tee. Returns true if it can go by ring. An io-wq worker runs it, and
 * blocks even if O_NONBLOCK is set.
 */
static bool begin_move(struct route *route, struct operation *op, enum call call, int in, int out,
		       size_t len)
{
	fd_info from, to;

	if (!path_begin(route, op, call))
		return false;
	file_position_leave(in);
	file_position_leave(out);
	from = fd_classify(in);
	to = fd_classify(out);
	if (fd_kind(from) == FD_BAD || fd_kind(to) == FD_BAD)
		return route_refuse(call, REASON_DESCRIPTOR);
	if (fd_is_nonblocking(from) || fd_is_nonblocking(to))
		return route_refuse(call, REASON_NONBLOCKING);
	if (!len || len > INT_MAX)
		return route_refuse(call, REASON_ARGUMENT);
	op->passes_cancellation = false;
	op->interruptible = true;
	op->runs_in_worker = true;
	return true;
}

/*
 * Reads the offset at *at, or sets *offset to -1 if there is none. Returns false if the native
 * call has to judge it: only for files is it certain that the offset advances by the number of
 * bytes moved.
 */
static bool read_offset(int fd, const off64_t *at, int64_t *offset)
{
	*offset = -1;
	return !at ||
		(fd_is_file(fd_peek(fd)) && sys_peek(offset, at, sizeof(*offset)) && *offset >= 0);
}

/*
 * Leaves errors to the native call, because a ring can report a different one if several apply.
 * Nothing has been moved.
 */
static int leave_error_to_native(int ret)
{
	return ret < 0 && ret != -EINTR && !op_was_declined(ret) ? DECLINED(ARGUMENT) : ret;
}

/* Returns false if the new offset cannot be written; the data stays moved, as natively. */
static bool write_offset(off64_t *at, int64_t offset)
{
	return !at || sys_poke(at, &offset, sizeof(offset));
}

bool call_splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t len, unsigned flags,
		 ssize_t *res)
{
	struct route route;
	struct operation op;
	int64_t from, to;
	int ret;

	if (!begin_move(&route, &op, CALL_splice, in, out, len))
		return false;
	if (!read_offset(in, in_at, &from) || !read_offset(out, out_at, &to))
		return route_refuse(CALL_splice, REASON_ARGUMENT);
	fill_splice(&op,
		    (struct entry_splice){ .in = in,
					   .in_at = from,
					   .out = out,
					   .out_at = to,
					   .len = (uint32_t)len,
					   .flags = flags });
	ret = leave_error_to_native(op_run(route.thread, &op));
	if (ret >= 0 && !(write_offset(out_at, to + ret) && write_offset(in_at, from + ret)))
		ret = -EFAULT;
	return route_finish(&route, ret, res);
}

bool call_tee(int in, int out, size_t len, unsigned flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!begin_move(&route, &op, CALL_tee, in, out, len))
		return false;
	fill_tee(&op,
		 (struct entry_tee){ .in = in, .out = out, .len = (uint32_t)len, .flags = flags });
	return route_finish(&route, leave_error_to_native(op_run(route.thread, &op)), res);
}

EXPORT ssize_t sendfile(int out, int in, off_t *offset, size_t count)
{
	return NEXT(sendfile)(out, in, offset, count);
}

EXPORT ssize_t sendfile64(int out, int in, off64_t *offset, size_t count)
{
	return NEXT(sendfile64)(out, in, offset, count);
}

EXPORT ssize_t vmsplice(int fd, const struct iovec *iov, size_t count, unsigned flags)
{
	return NEXT(vmsplice)(fd, iov, count, flags);
}

EXPORT ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t len,
			       unsigned flags)
{
	return NEXT(copy_file_range)(in, in_at, out, out_at, len, flags);
}

#include "shim/calls/made-exports-splice.h"

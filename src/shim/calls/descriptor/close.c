/* SPDX-License-Identifier: MIT */
/* close(), by ring or native, and closefrom(). */
#include "shim/calls/descriptor/close.h"
#include "shim/route/route.h"
#include "shim/symbols/next-symbol.h"
#include "shim/symbols/prototypes.h"

/*
 * Returns true if closing never needs an io-wq worker. Other kinds of files can have work to do
 * when they are closed, for which the kernel would start a worker.
 */
static bool is_closed_at_once(fd_info info)
{
	return fd_is_file(info) || fd_is_socket(info) || fd_kind(info) == FD_PIPE;
}

bool call_close(int fd, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_begin_fd(&route, CALL_close, fd))
		return false;
	/* An SQPOLL thread drops the file some time after it has reported the close as done. */
	if (!is_closed_at_once(route.info) || queue_is_polled(route.thread))
		return route_refuse(CALL_close, REASON_KIND);
	close_prepare(fd);
	op_init(&op, -1, 0);
	uring_prep_close(&op.sqe, fd);
	return route_finish(&route, op_run(route.thread, &op), res);
}

/* The result has a block of its own, as in calls.awk: so the native call is a tail call. */
static ALWAYS_INLINE int make_close(int fd, __typeof__(next_table.close) native)
{
	if (route_is_idle(CALL_close))
		return native(fd);
	if (!route_is_left_out(CALL_close)) {
		ssize_t res;

		if (call_close(fd, &res))
			return (int)res;
	}
	close_prepare(fd);
	return native(fd);
}

EXPORT int close(int fd)
{
	return make_close(fd, NEXT(close));
}

EXPORT int __close(int fd)
{
	return make_close(fd, NEXT(__close));
}

EXPORT void closefrom(int first)
{
	close_prepare_range(first < 0 ? 0 : (unsigned)first, INT_MAX);
	NEXT(closefrom)(first);
}

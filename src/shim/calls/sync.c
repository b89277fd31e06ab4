/* The sync family: what brings a file's data to its storage. */
#include "shim/calls/transfer.h"
#include "shim/next.h"

static bool ring_sync(enum call call, int fd, uint32_t flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_fd(&route, call, fd))
		return false;
	if (!fd_is_file(route.info))
		return route_direct(call, REASON_KIND);
	op = transfer_file(&route);
	uring_prep_fsync(&op.sqe, fd, 0, 0, flags);
	return route_run(&route, &op, res);
}

bool call_fsync(int fd, ssize_t *res)
{
	return ring_sync(CALL_fsync, fd, 0, res);
}

bool call_fdatasync(int fd, ssize_t *res)
{
	return ring_sync(CALL_fdatasync, fd, URING_FSYNC_DATASYNC, res);
}

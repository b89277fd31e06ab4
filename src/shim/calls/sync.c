/* The sync family: what brings a file's data to its storage. */
#include "shim/next.h"
#include "shim/route.h"

static bool ring_sync(enum call call, int fd, uint32_t flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_fd(&route, call, fd))
		return false;
	if (!fd_is_file(route.info))
		return route_direct(call, REASON_KIND);
	op = (struct operation){ .fd = fd };
	uring_prep_fsync(&op.sqe, fd, 0, 0, flags);
	return route_run(&route, &op, res);
}

EXPORT int fsync(int fd)
{
	ssize_t res;

	return ring_sync(CALL_fsync, fd, 0, &res) ? (int)res : next()->fsync(fd);
}

EXPORT int fdatasync(int fd)
{
	ssize_t res;

	if (ring_sync(CALL_fdatasync, fd, URING_FSYNC_DATASYNC, &res))
		return (int)res;
	return next()->fdatasync(fd);
}

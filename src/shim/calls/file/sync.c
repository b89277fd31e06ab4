/* SPDX-License-Identifier: MIT */
/* The sync family: fsync(), fdatasync() and sync_file_range(). */
#include "shim/calls/file/transfer.h"
#include "shim/symbols/next-symbol.h"

static bool ring_sync(enum call call, int fd, uint32_t flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_begin_fd(&route, call, fd))
		return false;
	if (!fd_is_file(route.info))
		return route_refuse_always(route, REASON_KIND);
	transfer_init_file(&op, &route);
	fill_fsync(&op, (struct entry_fsync){ .fd = fd, .flags = flags });
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

bool call_sync_file_range(int fd, off64_t offset, off64_t count, unsigned flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_begin_fd(&route, CALL_sync_file_range, fd))
		return false;
	if (!fd_is_file(route.info))
		return route_refuse(CALL_sync_file_range, REASON_KIND);
	/* A ring does not check whether offset + count overflows. */
	if (offset < 0 || count < 0 || count > UINT32_MAX || offset > INT64_MAX - count)
		return route_refuse(CALL_sync_file_range, REASON_ARGUMENT);
	transfer_init_file(&op, &route);
	fill_sync_file_range(&op,
			     (struct entry_sync_file_range){ .fd = fd,
							     .offset = (uint64_t)offset,
							     .len = (uint32_t)count,
							     .flags = flags });
	return route_run(&route, &op, res);
}

#include "shim/calls/made-exports-sync.h"

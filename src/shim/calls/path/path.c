/* SPDX-License-Identifier: MIT */
/*
 * The path family: calls that create, rename and remove names, and the common code of the
 * family.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "shim/calls/path/path.h"
#include "shim/iowq/workers.h"
#include "shim/ring/process.h"
#include "shim/symbols/prototypes.h"

bool path_begin(struct route *route, struct operation *op, enum call call)
{
	if (!route_begin(route, call))
		return false;
	/* File events can show which thread made the call. */
	if (unlikely(fd_is_watching()))
		return route_refuse(call, REASON_KIND);
	*op = (struct operation){ .fd = -1, .passes_cancellation = true };
	return true;
}

bool path_names_thread(const char *path, int err)
{
	/* These errors are about the name itself, so the kernel was able to read path. */
	switch (-err) {
	case EACCES:
	case ENOENT:
	case ENOTDIR:
	case ESRCH:
		return path && strstr(path, "thread-self");
	}
	return false;
}

static bool may_be_account(const char *path)
{
	size_t len = strlen(path);

	return unlikely(len >= 2 && path[len - 2] == 'i' && path[len - 1] == 'o');
}

void path_note_opened(int fd, const char *path)
{
	iowq_end_if_listed(path);
	if (path && may_be_account(path) && atomic_load(&process.block) == REASON_RING)
		fd_classify(fd);
}

bool path_run(struct route *route, struct operation *op, ssize_t *res)
{
	return path_finish(route, op_run(route->thread, op), res);
}

bool path_finish(struct route *route, int ret, ssize_t *res)
{
	if (ret == -EINVAL || ret == -EOPNOTSUPP || ret == -ENOSYS || ret == -EFBIG ||
	    ret == -EPIPE)
		ret = DECLINED(ARGUMENT);
	return route_finish(route, ret, res);
}

static bool ring_unlink(enum call call, int dir, const char *path, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, call))
		return false;
	uring_prep_unlinkat(&op.sqe, dir, path, flags);
	return path_run(&route, &op, res);
}

bool call_unlink(const char *path, ssize_t *res)
{
	return ring_unlink(CALL_unlink, AT_FDCWD, path, 0, res);
}

bool call_unlinkat(int dir, const char *path, int flags, ssize_t *res)
{
	return ring_unlink(CALL_unlinkat, dir, path, flags, res);
}

static bool ring_rename(enum call call, int from_dir, const char *from, int to_dir, const char *to,
			unsigned flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, call))
		return false;
	fill_renameat(&op,
		      (struct entry_names){ .from_dir = from_dir,
					    .from = from,
					    .to_dir = to_dir,
					    .to = to,
					    .flags = flags });
	return path_run(&route, &op, res);
}

bool call_rename(const char *from, const char *to, ssize_t *res)
{
	return ring_rename(CALL_rename, AT_FDCWD, from, AT_FDCWD, to, 0, res);
}

bool call_renameat(int from_dir, const char *from, int to_dir, const char *to, ssize_t *res)
{
	return ring_rename(CALL_renameat, from_dir, from, to_dir, to, 0, res);
}

bool call_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags,
		    ssize_t *res)
{
	return ring_rename(CALL_renameat2, from_dir, from, to_dir, to, flags, res);
}

static bool ring_mkdir(enum call call, int dir, const char *path, mode_t mode, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, call))
		return false;
	uring_prep_mkdirat(&op.sqe, dir, path, mode);
	return path_run(&route, &op, res);
}

bool call_mkdir(const char *path, mode_t mode, ssize_t *res)
{
	return ring_mkdir(CALL_mkdir, AT_FDCWD, path, mode, res);
}

bool call_mkdirat(int dir, const char *path, mode_t mode, ssize_t *res)
{
	return ring_mkdir(CALL_mkdirat, dir, path, mode, res);
}

static bool ring_symlink(enum call call, const char *target, int dir, const char *path,
			 ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, call))
		return false;
	fill_symlinkat(&op, (struct entry_symlinkat){ .target = target, .dir = dir, .path = path });
	return path_run(&route, &op, res);
}

bool call_symlink(const char *target, const char *path, ssize_t *res)
{
	return ring_symlink(CALL_symlink, target, AT_FDCWD, path, res);
}

bool call_symlinkat(const char *target, int dir, const char *path, ssize_t *res)
{
	return ring_symlink(CALL_symlinkat, target, dir, path, res);
}

static bool ring_link(enum call call, int from_dir, const char *from, int to_dir, const char *to,
		      int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, call))
		return false;
	fill_linkat(&op,
		    (struct entry_names){ .from_dir = from_dir,
					  .from = from,
					  .to_dir = to_dir,
					  .to = to,
					  .flags = (unsigned)flags });
	return path_run(&route, &op, res);
}

bool call_link(const char *from, const char *to, ssize_t *res)
{
	return ring_link(CALL_link, AT_FDCWD, from, AT_FDCWD, to, 0, res);
}

bool call_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags,
		 ssize_t *res)
{
	return ring_link(CALL_linkat, from_dir, from, to_dir, to, flags, res);
}

#include "shim/calls/made-exports-path.h"

/* SPDX-License-Identifier: MIT */
/*
 * The path family: attributes, extended attributes and sizes of files, and advice about files
 * and memory.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "shim/calls/path/path.h"
#include "shim/symbols/prototypes.h"
#include "shim/base/sys.h"

static struct timespec time_of(const struct statx_timestamp *time)
{
	return (struct timespec){ time->tv_sec, time->tv_nsec };
}

static struct stat stat_of(const struct statx *from)
{
	return (struct stat){
		.st_dev = makedev(from->stx_dev_major, from->stx_dev_minor),
		.st_ino = from->stx_ino,
		.st_nlink = from->stx_nlink,
		.st_mode = from->stx_mode,
		.st_uid = from->stx_uid,
		.st_gid = from->stx_gid,
		.st_rdev = makedev(from->stx_rdev_major, from->stx_rdev_minor),
		.st_size = (off_t)from->stx_size,
		.st_blksize = from->stx_blksize,
		.st_blocks = (blkcnt_t)from->stx_blocks,
		.st_atim = time_of(&from->stx_atime),
		.st_mtim = time_of(&from->stx_mtime),
		.st_ctim = time_of(&from->stx_ctime),
	};
}

/* Returns the device number of /proc, or 0. */
static dev_t proc_device(void)
{
	static _Atomic dev_t known;
	struct stat st;

	if (!known && !sys4(SYS_newfstatat, AT_FDCWD, (long)"/proc/self", (long)&st, 0))
		known = st.st_dev;
	return known;
}

/*
 * Returns true if an io-wq worker may have seen a different file than this thread would. In
 * /proc, thread-self is a different directory for each thread.
 */
static bool seen_by_worker(const char *path, int ret, dev_t device)
{
	return ret < 0 ? path_names_thread(path, ret) :
			 !op_was_declined(ret) && !major(device) && device == proc_device();
}

static bool ring_stat(enum call call, int dir, const char *path, void *st, int flags, ssize_t *res)
{
	struct statx statx;
	struct stat stat;
	struct route route;
	struct operation op;
	int ret;

	if (!path_begin(&route, &op, call))
		return false;
	fill_statx(&op,
		   (struct entry_statx){ .dir = dir,
					 .path = path,
					 .flags = flags,
					 .mask = STATX_BASIC_STATS,
					 .to = &statx });
	ret = op_run(route.thread, &op);
	if (seen_by_worker(path, ret, makedev(statx.stx_dev_major, statx.stx_dev_minor)))
		ret = DECLINED(ARGUMENT);
	if (ret == 0) {
		stat = stat_of(&statx);
		ret = sys_poke(st, &stat, sizeof(stat)) ? 0 : -EFAULT;
	}
	return route_finish(&route, ret == -EINVAL ? DECLINED(ARGUMENT) : ret, res);
}

bool call_stat(const char *path, void *st, ssize_t *res)
{
	return ring_stat(CALL_stat, AT_FDCWD, path, st, AT_NO_AUTOMOUNT, res);
}

bool call_lstat(const char *path, void *st, ssize_t *res)
{
	return ring_stat(CALL_lstat, AT_FDCWD, path, st, AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW,
			 res);
}

bool call_fstat(int fd, void *st, ssize_t *res)
{
	if (fd < 0)
		return route_refuse(CALL_fstat, REASON_DESCRIPTOR);
	return ring_stat(CALL_fstat, fd, "", st, AT_EMPTY_PATH, res);
}

bool call_fstatat(int dir, const char *path, void *st, int flags, ssize_t *res)
{
	return ring_stat(CALL_fstatat, dir, path, st, flags | AT_NO_AUTOMOUNT, res);
}

bool call_statx(int dir, const char *path, int flags, unsigned mask, struct statx *statx,
		ssize_t *res)
{
	struct route route;
	struct operation op;
	int ret;

	if (!path_begin(&route, &op, CALL_statx))
		return false;
	fill_statx(&op,
		   (struct entry_statx){
			   .dir = dir, .path = path, .flags = flags, .mask = mask, .to = statx });
	ret = op_run(route.thread, &op);
	if (seen_by_worker(path, ret,
			   ret ? 0 : makedev(statx->stx_dev_major, statx->stx_dev_minor)))
		ret = DECLINED(ARGUMENT);
	return path_finish(&route, ret, res);
}

bool call_ftruncate(int fd, off64_t length, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_ftruncate))
		return false;
	/* The native call checks the length before the descriptor. */
	if (length < 0)
		return route_refuse(CALL_ftruncate, REASON_ARGUMENT);
	uring_prep_ftruncate(&op.sqe, fd, (uint64_t)length);
	return path_run(&route, &op, res);
}

bool call_fallocate(int fd, int mode, off64_t offset, off64_t length, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_fallocate))
		return false;
	op.passes_cancellation = false;
	fill_fallocate(&op,
		       (struct entry_fallocate){
			       .fd = fd, .mode = mode, .offset = offset, .len = length });
	return path_run(&route, &op, res);
}

/*
 * Ends posix_fallocate() and posix_fadvise(), which return an error number and leave errno
 * alone. On an error the native call is made and finds it again.
 */
static bool finish_posix(struct route *route, struct operation *op, ssize_t *res)
{
	int ret = op_run(route->thread, op);

	return route_finish(route, ret < 0 && !op_was_declined(ret) ? DECLINED(ARGUMENT) : ret,
			    res);
}

bool call_posix_fallocate(int fd, off64_t offset, off64_t length, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_posix_fallocate))
		return false;
	fill_fallocate(&op, (struct entry_fallocate){ .fd = fd, .offset = offset, .len = length });
	return finish_posix(&route, &op, res);
}

bool call_posix_fadvise(int fd, off64_t offset, off64_t length, int advice, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_posix_fadvise))
		return false;
	fill_fadvise(&op,
		     (struct entry_fadvise){
			     .fd = fd, .offset = offset, .len = length, .advice = advice });
	return finish_posix(&route, &op, res);
}

bool call_madvise(void *addr, size_t length, int advice, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_madvise))
		return false;
	fill_madvise(&op, (struct entry_madvise){ .addr = addr, .len = length, .advice = advice });
	return path_run(&route, &op, res);
}

bool call_getxattr(const char *path, const char *name, void *value, size_t size, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_getxattr))
		return false;
	if (size > UINT32_MAX)
		return route_refuse(CALL_getxattr, REASON_ARGUMENT);
	fill_getxattr(&op,
		      (struct entry_getxattr){
			      .path = path, .name = name, .value = value, .size = (uint32_t)size });
	return path_run(&route, &op, res);
}

bool call_fgetxattr(int fd, const char *name, void *value, size_t size, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_fgetxattr))
		return false;
	if (size > UINT32_MAX)
		return route_refuse(CALL_fgetxattr, REASON_ARGUMENT);
	uring_prep_fgetxattr(&op.sqe, fd, name, value, (uint32_t)size);
	return path_run(&route, &op, res);
}

bool call_setxattr(const char *path, const char *name, const void *value, size_t size, int flags,
		   ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_setxattr))
		return false;
	if (size > UINT32_MAX)
		return route_refuse(CALL_setxattr, REASON_ARGUMENT);
	fill_setxattr(&op,
		      (struct entry_setxattr){ .path = path,
					       .name = name,
					       .value = value,
					       .size = (uint32_t)size,
					       .flags = flags });
	return path_run(&route, &op, res);
}

bool call_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags,
		    ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_fsetxattr))
		return false;
	if (size > UINT32_MAX)
		return route_refuse(CALL_fsetxattr, REASON_ARGUMENT);
	fill_fsetxattr(&op,
		       (struct entry_fsetxattr){ .fd = fd,
						 .name = name,
						 .value = value,
						 .size = (uint32_t)size,
						 .flags = flags });
	return path_run(&route, &op, res);
}

/* No operation for extended attributes works on a symbolic link itself. */

bool call_lgetxattr(const char *path, const char *name, void *value, size_t size, ssize_t *res)
{
	return route_refuse(CALL_lgetxattr, REASON_ARGUMENT);
}

bool call_lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags,
		    ssize_t *res)
{
	return route_refuse(CALL_lsetxattr, REASON_ARGUMENT);
}

#include "shim/calls/made-exports-attributes.h"

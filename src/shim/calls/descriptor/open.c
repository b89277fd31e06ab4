/* SPDX-License-Identifier: MIT */
/*
 * open() and its variants, by ring or native, and the native calls that create a file and open
 * it: mkstemp() and its variants, shm_open(), memfd_create().
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <sys/statfs.h>
#include "shim/base/sys.h"
#include "shim/calls/descriptor/note.h"
#include "shim/calls/path/path.h"
#include "shim/symbols/next-symbol.h"
#include "shim/symbols/prototypes.h"

/* Begins an open. The file can be a FIFO: opening one blocks, and a signal interrupts that. */
static bool route_open(struct route *route, struct operation *op, enum call call)
{
	if (!path_begin(route, op, call))
		return false;
	op->passes_cancellation = false;
	op->interruptible = true;
	op->runs_in_worker = true;
	return true;
}

/*
 * Returns true, and closes fd, if fd lies in /proc. Some names there depend on the thread that
 * opens them: /proc/thread-self and everything that is linked to it. A worker would have opened
 * its own.
 */
static bool is_of_worker(int fd)
{
	struct statfs fs;

	if (sys2(SYS_fstatfs, fd, (long)&fs) || fs.f_type != PROC_SUPER_MAGIC)
		return false;
	sys1(SYS_close, fd);
	return true;
}

/*
 * Runs op in an io-wq worker. The ring would otherwise try first to open the file without
 * blocking, and such an open of a FIFO succeeds before the other end is open.
 */
static bool run_open_in_worker(struct route *route, struct operation *op, const char *path,
			       ssize_t *res)
{
	int ret;

	op->sqe.flags |= URING_SQE_ASYNC;
	ret = op_run(route->thread, op);
	if (ret >= 0 ? is_of_worker(ret) : path_names_thread(path, ret))
		ret = DECLINED(ARGUMENT);
	return path_finish(route, ret, res);
}

static bool ring_open(enum call call, int dir, const char *path, int flags, mode_t mode,
		      ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_open(&route, &op, call))
		return false;
	fill_openat(
		&op,
		(struct entry_openat){ .dir = dir, .path = path, .flags = flags, .mode = mode });
	return run_open_in_worker(&route, &op, path, res);
}

bool call_open(const char *path, int flags, mode_t mode, ssize_t *res)
{
	return ring_open(CALL_open, AT_FDCWD, path, flags, mode, res);
}

bool call_openat(int dir, const char *path, int flags, mode_t mode, ssize_t *res)
{
	return ring_open(CALL_openat, dir, path, flags, mode, res);
}

bool call_creat(const char *path, mode_t mode, ssize_t *res)
{
	return ring_open(CALL_creat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode, res);
}

bool call_openat2(int dir, const char *path, const struct open_how *how, size_t size, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_open(&route, &op, CALL_openat2))
		return false;
	if (size != sizeof(*how))
		return route_refuse(CALL_openat2, REASON_ARGUMENT);
	uring_prep_openat2(&op.sqe, dir, path, (const struct uring_open_how *)how);
	return run_open_in_worker(&route, &op, path, res);
}

#define NEEDS_MODE(flags) ((flags) & (O_CREAT | __O_TMPFILE))

/*
 * Reads the mode argument, which is passed only if the call can create a file. A macro, because
 * only the variadic function itself can use va_start.
 */
#define OPEN_MODE(last, flags)                         \
	({                                             \
		mode_t mode_ = 0;                      \
		va_list args_;                         \
		if (NEEDS_MODE(flags)) {               \
			va_start(args_, last);         \
			mode_ = va_arg(args_, mode_t); \
			va_end(args_);                 \
		}                                      \
		mode_;                                 \
	})

EXPORT int open(const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (route_is_left_out(CALL_open) || !call_open(path, flags, mode, &res))
		res = NEXT(open)(path, flags, mode);
	return note_new_path((int)res, mark, path);
}

EXPORT int open64(const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (route_is_left_out(CALL_open) || !call_open(path, flags, mode, &res))
		res = NEXT(open64)(path, flags, mode);
	return note_new_path((int)res, mark, path);
}

EXPORT int __open(const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (route_is_left_out(CALL_open) || !call_open(path, flags, mode, &res))
		res = NEXT(__open)(path, flags, mode);
	return note_new_path((int)res, mark, path);
}

EXPORT int __open64(const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (route_is_left_out(CALL_open) || !call_open(path, flags, mode, &res))
		res = NEXT(__open64)(path, flags, mode);
	return note_new_path((int)res, mark, path);
}

EXPORT int __open_2(const char *path, int flags)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (NEEDS_MODE(flags) || route_is_left_out(CALL_open) || !call_open(path, flags, 0, &res))
		res = NEXT(__open_2)(path, flags);
	return note_new_path((int)res, mark, path);
}

EXPORT int __open64_2(const char *path, int flags)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (NEEDS_MODE(flags) || route_is_left_out(CALL_open) || !call_open(path, flags, 0, &res))
		res = NEXT(__open64_2)(path, flags);
	return note_new_path((int)res, mark, path);
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (route_is_left_out(CALL_openat) || !call_openat(dir, path, flags, mode, &res))
		res = NEXT(openat)(dir, path, flags, mode);
	return note_new_path((int)res, mark, path);
}

EXPORT int openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (route_is_left_out(CALL_openat) || !call_openat(dir, path, flags, mode, &res))
		res = NEXT(openat64)(dir, path, flags, mode);
	return note_new_path((int)res, mark, path);
}

EXPORT int __openat_2(int dir, const char *path, int flags)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (NEEDS_MODE(flags) || route_is_left_out(CALL_openat) ||
	    !call_openat(dir, path, flags, 0, &res))
		res = NEXT(__openat_2)(dir, path, flags);
	return note_new_path((int)res, mark, path);
}

EXPORT int __openat64_2(int dir, const char *path, int flags)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (NEEDS_MODE(flags) || route_is_left_out(CALL_openat) ||
	    !call_openat(dir, path, flags, 0, &res))
		res = NEXT(__openat64_2)(dir, path, flags);
	return note_new_path((int)res, mark, path);
}

/* Only newer libcs have openat2(). A program that finds it here can be running on an older libc. */
EXPORT int openat2(int dir, const char *path, const struct open_how *how, size_t size)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!route_is_left_out(CALL_openat2) && call_openat2(dir, path, how, size, &res))
		return note_new_path((int)res, mark, path);
	if (NEXT(openat2))
		res = NEXT(openat2)(dir, path, how, size);
	else
		res = NEXT(syscall)(SYS_openat2, dir, path, how, size);
	return note_new_path((int)res, mark, path);
}

EXPORT int creat(const char *path, mode_t mode)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (route_is_left_out(CALL_creat) || !call_creat(path, mode, &res))
		res = NEXT(creat)(path, mode);
	return note_new_path((int)res, mark, path);
}

EXPORT int creat64(const char *path, mode_t mode)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (route_is_left_out(CALL_creat) || !call_creat(path, mode, &res))
		res = NEXT(creat64)(path, mode);
	return note_new_path((int)res, mark, path);
}

EXPORT int mkstemp(char *path)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(mkstemp)(path), mark);
}

EXPORT int mkstemp64(char *path)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(mkstemp64)(path), mark);
}

EXPORT int mkostemp(char *path, int flags)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(mkostemp)(path, flags), mark);
}

EXPORT int mkostemp64(char *path, int flags)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(mkostemp64)(path, flags), mark);
}

EXPORT int mkstemps(char *path, int suffix)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(mkstemps)(path, suffix), mark);
}

EXPORT int mkstemps64(char *path, int suffix)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(mkstemps64)(path, suffix), mark);
}

EXPORT int mkostemps(char *path, int suffix, int flags)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(mkostemps)(path, suffix, flags), mark);
}

EXPORT int mkostemps64(char *path, int suffix, int flags)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(mkostemps64)(path, suffix, flags), mark);
}

EXPORT int shm_open(const char *name, int flags, mode_t mode)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(shm_open)(name, flags, mode), mark);
}

EXPORT int memfd_create(const char *name, unsigned flags)
{
	fd_mark mark = fd_mark_open();

	return note_new_file(NEXT(memfd_create)(name, flags), mark);
}

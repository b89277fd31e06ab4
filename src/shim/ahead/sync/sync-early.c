/* SPDX-License-Identifier: MIT */
/* See doc/ahead-sync.md for the argument. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include "shim/ahead/files/resolve.h"
#include "shim/ahead/sync/sync-early.h"
#include "shim/ahead/sync/sync-errors.h"
#include "shim/ahead/sync/sync-log.h"
#include "shim/base/clock.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"

/* The file systems for which the argument was gone through. */
static bool has_argument(int fd)
{
	struct statfs fs;

	return !sys2(SYS_fstatfs, fd, (long)&fs) &&
		(fs.f_type == EXT4_SUPER_MAGIC || fs.f_type == XFS_SUPER_MAGIC ||
		 fs.f_type == BTRFS_SUPER_MAGIC);
}

/*
 * Returns true if nobody has the file open to write it, or a shared mapping of it that can be
 * written: the kernel grants a read lease only then.
 */
static bool is_without_writers(int fd)
{
	if (sys3(SYS_fcntl, fd, F_SETLEASE, F_RDLCK))
		return false;
	sys3(SYS_fcntl, fd, F_SETLEASE, F_UNLCK);
	return true;
}

/*
 * Waits until calls that change the file's attributes have ended, if they began before: they hold
 * its lock. On ext4 fsync does not wait for them. The offset is behind the end of every file.
 */
static void wait_for_lock(int fd)
{
	sys3(SYS_lseek, fd, INT64_MAX, SEEK_HOLE);
}

/* Returns an open file of which something can be proved if its sync succeeds, or a negative errno. */
static int open_provable(struct walk *walk, struct sync_file *file)
{
	int path = resolve_regular_file(walk->ahead->owner, sync_log->names + file->name);
	int fd = -EINVAL;

	if (path < 0)
		return path;
	/* To open a file breaks a write lease. */
	if (has_argument(path) && stamp_read(&file->stamp, path) &&
	    !is_leased(&walk->leases, file->stamp.inode))
		fd = resolve_open_again(path);
	sys1(SYS_close, path);
	return fd;
}

/*
 * The order is the argument: what began before the stamp has ended when there are no writers and
 * the lock was free, and the sync, which comes after that, writes it.
 */
static bool begin_sync(struct walk *walk, uint32_t index)
{
	struct sync_file *file = &sync_log->files[index];
	int fd = open_provable(walk, file);
	int expected = SYNC_NEW;
	uint32_t slot = 0;

	if (fd < 0)
		return false;
	file->opened = monotonic_now();
	file->renames = atomic_load(&sync_log->renames);
	if (!stamp_take(&file->stamp, fd) || !is_without_writers(fd)) {
		sys1(SYS_close, fd);
		return false;
	}
	wait_for_lock(fd);
	if (!atomic_compare_exchange_strong(&file->state, &expected, SYNC_IN_FLIGHT)) {
		sys1(SYS_close, fd);
		return false;
	}
	while (sync_log->flying[slot])
		slot++;
	sync_log->flying[slot] = index + 1;
	atomic_fetch_add(&sync_log->in_flight, 1);
	fetcher_add_sync(walk->fetcher, fd, index);
	return true;
}

/* Has a look at the file. Begins its sync if something can be proved of it. */
static void try_sync(struct walk *walk, uint32_t index)
{
	struct sync_file *file = &sync_log->files[index];
	int expected = SYNC_NEW;

	if (atomic_load(&file->state) != SYNC_NEW)
		return;
	atomic_fetch_add(&sync_log->tried, 1);
	if (!begin_sync(walk, index))
		atomic_compare_exchange_strong(&file->state, &expected, SYNC_REFUSED);
}

void sync_more(struct walk *walk)
{
	uint32_t asked, count, index;

	if (!sync_log || sync_has_failed())
		return;
	asked = atomic_load(&sync_log->asked);
	count = atomic_load(&sync_log->count);
	if (!asked || asked >= count)
		return;
	leases_update(&walk->leases);
	index = atomic_load(&sync_log->next);
	if (index < asked || index > asked + settings.ahead.depth)
		index = asked;
	for (; index < count && index < asked + settings.ahead.depth &&
	     fetcher_has_room(walk->fetcher);
	     index++)
		try_sync(walk, index);
	atomic_store(&sync_log->next, index);
}

/* Returns true if a sync that failed so was not made: the native one will say what is wrong. */
static bool was_not_made(int error)
{
	return error == ECANCELED || error == EINTR || error == EAGAIN || error == EBADF ||
		error == EINVAL || error == EOPNOTSUPP;
}

static void end_flight(uint32_t index)
{
	for (uint32_t slot = 0; slot < DEPTH_MAX; slot++)
		if (sync_log->flying[slot] == index + 1)
			sync_log->flying[slot] = 0;
	atomic_fetch_sub(&sync_log->in_flight, 1);
}

void sync_note_done(struct walk *walk, const struct fetched *fetched)
{
	struct sync_file *file = &sync_log->files[fetched->entry];
	int error = fetched->result < 0 ? -fetched->result : 0;

	sys1(SYS_close, fetched->fd);
	if (error && !was_not_made(error)) {
		sync_error_keep(&file->stamp, error);
		walk_count(walk, AHEAD_SYNC_ERRORS);
	}
	if (!error)
		walk_count(walk, AHEAD_SYNCED);
	atomic_store(&file->state, error ? SYNC_REFUSED : SYNC_DONE);
	end_flight(fetched->entry);
	sys6(SYS_futex, (long)&file->state, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0, 0);
}

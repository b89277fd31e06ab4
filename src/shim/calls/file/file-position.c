/* SPDX-License-Identifier: MIT */
/*
 * Keeps ring operations and native calls from using the same file position at the same time,
 * with the locks of ring/position-lock.h. Also exports lseek().
 */
#include "shim/calls/file/file-position.h"
#include "shim/config/settings.h"
#include "shim/base/sys.h"
#include "shim/symbols/next-symbol.h"

static void acquire_lock(struct thread *thread, fd_info info)
{
	unsigned which = fd_position_lock(info);

	if (process_is_single_threaded())
		return;
	thread_id(thread);
	/*
	 * First record which lock is wanted, then take it: a handler looks at both
	 * (op/interrupt.c).
	 */
	thread->position = (int)which;
	signal_fence();
	position_lock_acquire(which, thread->id);
}

static void release_lock(struct thread *thread)
{
	if (thread->position == POSITION_NONE)
		return;
	position_lock_release((unsigned)thread->position, thread->id);
	signal_fence();
	thread->position = POSITION_NONE;
}

bool file_position_acquire_lock(struct route route)
{
	/* Make sure of the ring first: in a forked child, looking for one can reset all locks. */
	if (!thread_ensure_ring(route.thread))
		return file_position_leave(route.fd);
	acquire_lock(route.thread, route.info);
	/* A call may have gone direct at this position while this thread waited for the lock. */
	if (fd_has_private_position(fd_peek(route.fd)))
		return true;
	release_lock(route.thread);
	return false;
}

void file_position_release_slow(struct route route, bool done)
{
	if (!done)
		fd_share_position(route.fd);
	release_lock(route.thread);
}

static void share_under_lock(struct thread *thread, int fd, fd_info info)
{
	uint64_t mask;

	/* With all signals blocked, the thread cannot be cancelled while it holds the lock. */
	sys_block_signals(&mask);
	acquire_lock(thread, info);
	fd_share_position(fd);
	release_lock(thread);
	sys_restore_signals(&mask);
}

bool file_position_leave(int fd)
{
	struct thread *thread = &thread_self;
	fd_info info = fd_peek(fd);

	/*
	 * Test ownership here, not fd_has_private_position(), which a fork makes false. An
	 * operation that another thread began before the fork can still be in flight, and would
	 * set the position back to where that operation ends.
	 */
	if (likely(!fd_has_own_position(info)) || thread_is_vfork_child())
		return false;
	/* If no ring may be entered, no such operation is in flight either. */
	if (sys_forbidden())
		return false;
	/*
	 * Either there is no other thread that could use the position, or this thread holds the
	 * lock: it runs a handler that is not wrapped.
	 */
	if (process_is_single_threaded() || thread->position != POSITION_NONE)
		fd_share_position(fd);
	else
		share_under_lock(thread, fd, info);
	/*
	 * It is not known which descriptors are its duplicates. So treat all as after a fork, but
	 * not while this thread holds a lock: that waits until every lock was released.
	 */
	if (fd_has_dups(fd) && thread->position == POSITION_NONE)
		process_count_as_fork();
	return false;
}

struct file_position_guard file_position_guard(int fd)
{
	struct thread *thread = &thread_self;
	fd_info info = fd_peek(fd);

	if (likely(!fd_has_own_position(info)) || thread_is_vfork_child() ||
	    thread->position != POSITION_NONE || sys_forbidden())
		return (struct file_position_guard){ false };
	if (!fd_has_private_position(info) || thread->cancels_asynchronously)
		return (struct file_position_guard){ file_position_leave(fd) };
	acquire_lock(thread, info);
	return (struct file_position_guard){ thread->position != POSITION_NONE };
}

void file_position_unguard(const struct file_position_guard *guard)
{
	if (guard->locked)
		release_lock(&thread_self);
}

EXPORT off_t lseek(int fd, off_t offset, int whence)
{
	struct file_position_guard guard = file_position_guard(fd);
	off_t ret = NEXT(lseek)(fd, offset, whence);

	file_position_unguard(&guard);
	return ret;
}

EXPORT off64_t lseek64(int fd, off64_t offset, int whence)
{
	struct file_position_guard guard = file_position_guard(fd);
	off64_t ret = NEXT(lseek64)(fd, offset, whence);

	file_position_unguard(&guard);
	return ret;
}

EXPORT off64_t __lseek(int fd, off64_t offset, int whence)
{
	struct file_position_guard guard = file_position_guard(fd);
	off64_t ret = NEXT(__lseek)(fd, offset, whence);

	file_position_unguard(&guard);
	return ret;
}

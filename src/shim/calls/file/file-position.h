/* Taking a file position for one operation, so that no byte is lost or read twice. */
#ifndef SHIM_CALLS_FILE_FILE_POSITION_H
#define SHIM_CALLS_FILE_FILE_POSITION_H

#include "shim/route/route.h"

/*
 * A call at fd's position goes direct, past our lock: from now on all do, so
 * that the kernel's lock protects them from one another. Returns false.
 */
bool file_position_leave(int fd);

/* The parts of the two below that are seldom needed. */
bool file_position_acquire_lock(struct route route);
void file_position_release_slow(struct route route, bool done);

/*
 * Makes sure that nobody but the calling thread can use the file position of
 * the route's descriptor until file_position_release; false when that cannot be had.
 */
static inline bool file_position_acquire(struct route *route)
{
	if (unlikely(settings.risk_shared_position))
		return true;
	/* A thread that may be cancelled at any instruction cannot hold a lock. */
	if (unlikely(!fd_has_private_position(route->info) || route->thread->cancels_asynchronously))
		return file_position_leave(route->fd);
	return likely(process_is_single_threaded()) || file_position_acquire_lock(*route);
}

/* done: the operation ran. If not, the native call will, and owns the position. */
static inline void file_position_release(struct route *route, bool done)
{
	if (unlikely(!done || route->thread->position != POSITION_NONE))
		file_position_release_slow(*route, done);
}

/* Keeps ring operations off fd's position while the native call uses it. */
struct file_position_guard {
	bool locked;
};

struct file_position_guard file_position_guard(int fd);
void file_position_unguard(const struct file_position_guard *guard);

#endif

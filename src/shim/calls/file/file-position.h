/* SPDX-License-Identifier: MIT */
/*
 * Reserves a file position for one ring operation or native call, so that no byte is lost or
 * read twice.
 */
#ifndef SHIM_CALLS_FILE_FILE_POSITION_H
#define SHIM_CALLS_FILE_FILE_POSITION_H

#include "shim/route/route.h"

/*
 * Called when a call at fd's file position goes direct, without our lock. From then on all
 * calls at this position go direct, so that the kernel's lock protects them from one another.
 * Returns false.
 */
bool file_position_leave(int fd);

/* The slow paths of the two functions below. */
bool file_position_acquire_lock(struct route route);
void file_position_release_slow(struct route route, bool done);

/*
 * Reserves the file position of the route's descriptor for the calling thread until
 * file_position_release(). Returns false if that is impossible; the call then goes direct.
 */
static inline bool file_position_acquire(struct route *route)
{
	if (unlikely(settings.risk_shared_position))
		return true;
	/* A thread that can be cancelled at any instruction cannot hold a lock. */
	if (unlikely(!fd_has_private_position(route->info) ||
		     route->thread->cancels_asynchronously))
		return file_position_leave(route->fd);
	return likely(process_is_single_threaded()) || file_position_acquire_lock(*route);
}

/*
 * Ends the reservation. done: the operation ran. If it did not, the native call follows, and
 * the position counts as shared from then on.
 */
static inline void file_position_release(struct route *route, bool done)
{
	if (unlikely(!done || route->thread->position != POSITION_NONE))
		file_position_release_slow(*route, done);
}

/* Keeps ring operations off fd's file position while a native call uses it. */
struct file_position_guard {
	bool locked;
};

struct file_position_guard file_position_guard(int fd);
void file_position_unguard(const struct file_position_guard *guard);

#endif

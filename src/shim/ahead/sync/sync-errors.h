/* SPDX-License-Identifier: MIT */
/*
 * Errors of early syncs, by file. The kernel tells an error of writing a file back to the first sync
 * that asks, and to descriptions that were open before; one that is opened later does not hear of
 * it. So an error that the helper got is kept until the program syncs the file, by whatever name.
 */
#ifndef SHIM_AHEAD_SYNC_ERRORS_H
#define SHIM_AHEAD_SYNC_ERRORS_H

#include "shim/ahead/files/fetch.h"
#include "shim/ahead/sync/stamp.h"

/* So many can be on their way when the first one fails. After that there are no more early syncs. */
enum { SYNC_ERRORS_MAX = DEPTH_MAX };

extern _Atomic uint32_t sync_error_count HIDDEN;

/* Returns true if an early sync has failed in this process, or in the one that forked it. */
static inline bool sync_has_failed(void)
{
	return atomic_load_explicit(&sync_error_count, memory_order_acquire);
}

/* Keeps an error, a positive errno, of the file of the stamp. */
void sync_error_keep(const struct stamp *stamp, int error);

/* Returns the error of the file of the stamp and forgets it, or returns 0. */
int sync_error_take(const struct stamp *stamp);

#endif

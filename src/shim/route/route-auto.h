/* SPDX-License-Identifier: MIT */
/*
 * RINGSHIM_ROUTE=auto: learns for each call and kind of descriptor, from the completions of its
 * operations, if the ring is only a detour. It is one if a worker runs what natively would not
 * wait, or if nothing waits at all, so that the ring costs time and gains none. Such calls go
 * direct, except one now and then that tries the ring again.
 */
#ifndef SHIM_ROUTE_ROUTE_AUTO_H
#define SHIM_ROUTE_ROUTE_AUTO_H

#include "shim/symbols/call-ids.h"
#include "shim/fd/fdtable.h"
#include "shim/config/settings.h"
#include "shim/queue/prepare-flags.h"
#include "shim/ring/thread.h"

/* Call once, when the settings are known. */
void auto_start(void);

enum { AUTO_RETRY_CALLS = 16384 }; /* direct calls of a thread between two such tries */

/*
 * True if the positions of new files are left to the kernel. Under auto the first read or write of a
 * file goes direct, and from then on all go direct that use its position. A time limit takes the ring.
 */
extern bool auto_leaves_positions HIDDEN;

/* Makes auto expect from the start that this call is a detour on such descriptors. */
void auto_expect_detour(enum call call, enum fd_kind kind);

/* Returns true if this call should go direct. */
bool auto_is_detour(struct thread *thread, enum call call, fd_info info);

/*
 * Counts one more call that should go direct. Returns false every AUTO_RETRY_CALLS calls:
 * auto_is_detour() then decides.
 */
static inline bool auto_counts_direct(struct thread *thread)
{
	if (thread->detours >= AUTO_RETRY_CALLS)
		return false;
	thread->detours++;
	return true;
}

/*
 * Records how a call through the ring went (thread->last_outcome). Returns REASON_DETOUR if the
 * next ones should go direct, else REASON_RING.
 */
enum reason auto_record(const struct thread *thread, enum call call, fd_info info);

#endif

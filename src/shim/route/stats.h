/* SPDX-License-Identifier: MIT */
/* Counts each call by how it went, and appends the counts to the file of RINGSHIM_STATS. */
#ifndef SHIM_ROUTE_STATS_H
#define SHIM_ROUTE_STATS_H

#include "shim/symbols/call-ids.h"
#include "shim/base/signal-atomic.h"
#include "shim/config/reasons.h"
#include "shim/ring/thread.h"

/* Threads count in different stripes, so that they do not contend for the same counters. */
enum { STATS_STRIPES = 16, STATS_STRIPE_SIZE = 16384 };

/* Padded to a power of two, so that its address is cheap to compute. */
struct stats_stripe {
	_Atomic uint64_t counts[CALL_COUNT][REASON_COUNT];
	char unused[STATS_STRIPE_SIZE - CALL_COUNT * REASON_COUNT * sizeof(uint64_t)];
} __attribute__((aligned(64)));

extern struct stats_stripe stats_stripes[STATS_STRIPES] HIDDEN;

/*
 * True once the program has ended and only its libraries and libc still make calls. The counts are
 * then written after each call.
 */
extern bool stats_late HIDDEN HOT;

/* Appends what was counted since its last call to the file that RINGSHIM_STATS names. */
void stats_write(void);
/* Does the same now, and from now on after each call. */
void stats_end(void);

/* Counts a call of thread, which is the calling one and not a vfork child. */
static inline void stats_count_own(struct thread *thread, enum call call, enum reason reason)
{
	/* The thread-local storage of two threads lies at least a page apart. */
	size_t stripe = (uintptr_t)thread / 4096 % STATS_STRIPES;
	_Atomic uint64_t *count = &stats_stripes[stripe].counts[call][reason];

	if (process_is_single_threaded())
		signal_atomic_increment(count);
	else
		atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
	if (unlikely(stats_late))
		stats_write();
}

/* Counts a call of thread, which is the calling one. */
static inline void stats_count(struct thread *thread, enum call call, enum reason reason)
{
	/* A vfork child runs on its parent's memory and must leave no trace there. */
	if (likely(!thread->vfork_depth))
		stats_count_own(thread, call, reason);
}

/*
 * Appends rows of a subject that is no call, one for each count that is not 0:
 * "PID PROGRAM SUBJECT NAME - COUNT".
 */
void stats_append(const char *subject, const char *const names[], const uint64_t counts[],
		  size_t count);

/* Call in a forked child: its own counts begin at 0. */
void stats_forget(void);

#endif

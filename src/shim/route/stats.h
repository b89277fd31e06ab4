/* Counts of calls, by how they went. */
#ifndef SHIM_ROUTE_STATS_H
#define SHIM_ROUTE_STATS_H

#include "shim/symbols/call-ids.h"
#include "shim/base/signal-atomic.h"
#include "shim/config/reasons.h"
#include "shim/ring/thread.h"

/* Threads count in different places, lest they contend for one. */
enum { STATS_STRIPES = 16, STATS_STRIPE_SIZE = 16384 };

/* Of a size that makes it cheap to find. */
struct stats_stripe {
	_Atomic uint64_t counts[CALL_COUNT][REASON_COUNT];
	char unused[STATS_STRIPE_SIZE - CALL_COUNT * REASON_COUNT * sizeof(uint64_t)];
} __attribute__((aligned(64)));

extern struct stats_stripe stats_stripes[STATS_STRIPES] HIDDEN;

/* The program has ended, but for what its libraries and libc still do. */
extern bool stats_late HIDDEN HOT;

/*
 * Appends what was counted since it was last called to the file that
 * RINGSHIM_STATS names.
 */
void stats_write(void);
/* Does so, and from now on for each call. */
void stats_end(void);

/* thread: the calling one, which runs on its own process's memory. */
static inline void stats_count_own(struct thread *thread, enum call call, enum reason reason)
{
	/* Thread-local blocks lie at least a page apart. */
	size_t stripe = (uintptr_t)thread / 4096 % STATS_STRIPES;
	_Atomic uint64_t *count = &stats_stripes[stripe].counts[call][reason];

	if (process_is_single_threaded())
		signal_atomic_increment(count);
	else
		atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
	if (unlikely(stats_late))
		stats_write();
}

/* thread: the calling one. */
static inline void stats_count(struct thread *thread, enum call call, enum reason reason)
{
	/* A vfork child leaves no trace in its parent. */
	if (likely(!thread->vfork_depth))
		stats_count_own(thread, call, reason);
}

/* In a forked child: its own counts begin at 0. */
void stats_forget(void);

#endif

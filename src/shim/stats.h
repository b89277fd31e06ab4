/* Counts of calls, by how they went. */
#ifndef SHIM_STATS_H
#define SHIM_STATS_H

#include "shim/calls.h"
#include "shim/reasons.h"
#include "shim/thread.h"

/* Threads count in different places, lest they contend for one. */
enum { STATS_STRIPES = 16 };

struct stats_stripe {
	_Atomic uint64_t counts[CALL_COUNT][REASON_COUNT];
} __attribute__((aligned(64)));

extern struct stats_stripe stats_stripes[STATS_STRIPES];

static inline void stats_count(enum call call, enum reason reason)
{
	/* Thread-local blocks lie at least a page apart. */
	size_t stripe = (uintptr_t)&thread_self / 4096 % STATS_STRIPES;

	/* A vfork child leaves no trace in its parent. */
	if (!thread_borrowed())
		atomic_fetch_add_explicit(&stats_stripes[stripe].counts[call][reason], 1,
					  memory_order_relaxed);
}

/* Appends the counts of this process to the file that RINGSHIM_STATS names, once. */
void stats_write(void);

/* In a forked child: its own counts begin at 0. */
void stats_forget(void);

#endif

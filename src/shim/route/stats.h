/* SPDX-License-Identifier: MIT */
/*
 * Counts each call by how it went. With RINGSHIM_STATS the counts lie in a file mapping from the
 * first call on (stats-file.h), and are appended to the file of that name when the process ends.
 */
#ifndef SHIM_ROUTE_STATS_H
#define SHIM_ROUTE_STATS_H

#include "shim/base/signal-atomic.h"
#include "shim/ring/thread.h"
#include "shim/route/stats-record.h"
#include "shim/symbols/probes.h"

/*
 * Where calls are counted. Memory of the library's own at first, then the mapping of a file at the
 * same place. A forked child gets a record of its own.
 */
extern struct stats_record stats_record HIDDEN;

/*
 * What is to be done after a call was counted. Nothing unless there is RINGSHIM_STATS, or a tracer
 * looks: the lower half is the semaphore of two probes (symbols/probes.h).
 */
enum {
	STATS_BEGIN = 1 << 16, /* make the record's file: this is the first call */
	STATS_LATE = 1 << 17, /* only the libraries and libc still make calls: write each at once */
	STATS_RESULTS = 1 << 18, /* count what calls by ring returned */
	STATS_CLOCK = 1 << 19,	 /* count calls by how long they took */
};

/* Not _Atomic: gcc would load it with an instruction of its own. Changed by __atomic steps. */
extern uint32_t stats_duties HIDDEN HOT;

/* Call once, when the settings are known, if there is RINGSHIM_STATS. */
void stats_start(void);

/*
 * Appends what was counted since its last call to the file that RINGSHIM_STATS names. Counting goes
 * on.
 */
void stats_write(void);
/* Does the same, and removes the record's file, because the process ends or runs another program. */
void stats_leave(void);
/* Call when the other program could not be run: the record gets a file again. */
void stats_stay(void);
/* Does what stats_leave() does. From now on the counts are written after each call. */
void stats_end(void);

/* Do what stats_duties says after a call that went direct, and after one by ring that returned res. */
void stats_attend(void);
void stats_attend_ring(struct thread *thread, enum call call, ssize_t res);

/* The thread-local storage of two threads lies at least a page apart. */
static inline size_t stats_stripe_of(const struct thread *thread)
{
	return (uintptr_t)thread / 4096 % STATS_STRIPES;
}

static inline void stats_increment(struct thread *thread, enum call call, enum reason reason)
{
	_Atomic uint64_t *count =
		&stats_record.stripes[stats_stripe_of(thread)].counts[call][reason];

	if (process_is_single_threaded())
		signal_atomic_increment(count);
	else
		atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* Counts a call of thread, which is the calling one, that went by ring. The program gets res. */
static inline void stats_count_ring(struct thread *thread, enum call call, ssize_t res)
{
	stats_increment(thread, call, REASON_RING);
	/* With a mask it is one instruction. */
	if (unlikely(stats_duties & (PROBED | STATS_LATE | STATS_RESULTS | STATS_CLOCK)))
		stats_attend_ring(thread, call, res);
}

/* Counts a call of thread, which is the calling one, that goes direct. */
static inline void stats_count(struct thread *thread, enum call call, enum reason reason)
{
	/* A vfork child runs on its parent's memory and must leave no trace there. */
	if (unlikely(thread->vfork_depth))
		return;
	stats_increment(thread, call, reason);
	if (likely(!(stats_duties & (PROBED | STATS_BEGIN | STATS_LATE | STATS_CLOCK))))
		return;
	/* Arguments would take registers that the native call's arguments are in. */
	thread->counted_call = (uint16_t)call;
	thread->counted_reason = (uint16_t)reason;
	stats_attend();
}

/*
 * Counts a call by how long it took, if it was counted as direct before it was made. It began at
 * these ticks and has just ended. Only where calls are timed (call_clock_runs).
 */
void stats_note_direct(enum call call, uint64_t begin);

/* Call in a forked child: its own counts begin at 0. */
void stats_forget(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef SHIM_BASE_CLOCK_H
#define SHIM_BASE_CLOCK_H

#include "shim/base/base.h"

/* Returns CLOCK_MONOTONIC in ns. */
int64_t monotonic_now(void);

/* A moment, by the processor's counter and by CLOCK_MONOTONIC. */
struct moment {
	uint64_t ticks;
	int64_t ns;
};

/* Returns this moment. The two clocks are read within a microsecond, unless that fails often. */
struct moment moment_now(void);

/* Returns the processor's counter of time, in a third of the time that a clock takes. */
static inline uint64_t ticks_now(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#elif defined(__riscv)
	uint64_t ticks;

	__asm__ volatile("rdtime %0" : "=r"(ticks));
	return ticks;
#endif
}

/* The least number of ticks that can be 40 us: no processor counts more slowly. */
#if defined(__x86_64__)
enum { TICKS_IN_40_US = 40 * 1000 };
#elif defined(__aarch64__) || defined(__riscv)
enum { TICKS_IN_40_US = 40 };
#endif

/* Begins to measure how many ticks a nanosecond has. For the start of the process. */
void ticks_start(void);

/* Returns true if so many ticks are more than 40 us. */
bool ticks_are_long(uint64_t ticks);

/*
 * Returns how many ns so many ticks are. What a tick is follows from the time since ticks_start(),
 * which the first call and calls with more ticks than any before measure.
 */
uint64_t ticks_to_ns(uint64_t ticks);

/*
 * How long the calls of a thread take, where each is timed (RINGSHIM_STATS_HISTOGRAMS). The wrapper
 * around a signal handler keeps began for the interrupted call.
 */
struct call_clock {
	uint64_t began; /* when the call began that the thread makes by ring, in ticks; 0: not yet */
	unsigned directs; /* calls that were counted as direct, and have not ended yet */
};

extern __thread struct call_clock call_clock INITIAL_EXEC HIDDEN;
extern bool call_clock_runs HIDDEN EARLY;

/* Notes that the thread's call has begun, if that is not noted yet. */
static inline void call_clock_begin(void)
{
	if (unlikely(call_clock_runs) && !call_clock.began)
		call_clock.began = ticks_now();
}

#endif

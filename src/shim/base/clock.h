/* SPDX-License-Identifier: MIT */
#ifndef SHIM_BASE_CLOCK_H
#define SHIM_BASE_CLOCK_H

#include "shim/base/base.h"

/* Returns CLOCK_MONOTONIC in ns. */
int64_t monotonic_now(void);

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

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Updates that a signal handler of the same thread cannot interrupt halfway. Only the calling
 * thread may write the variable. On x86 one instruction is enough: the lock prefix, which only
 * other processors would need, costs some 20 cycles each time.
 */
#ifndef SHIM_BASE_SIGNAL_ATOMIC_H
#define SHIM_BASE_SIGNAL_ATOMIC_H

#include "shim/base/base.h"

/* Adds count to *to, ordered after every earlier store. */
static inline void signal_atomic_add(uint32_t *to, uint32_t count)
{
#if defined(__x86_64__)
	__asm__ volatile("addl %1, %0" : "+m"(*to) : "ri"(count) : "memory", "cc");
#else
	__atomic_fetch_add(to, count, __ATOMIC_RELEASE);
#endif
}

/* Replaces *at by value if it is still expected, ordered after every earlier load. */
static inline void signal_atomic_replace(uint32_t *at, uint32_t expected, uint32_t value)
{
#if defined(__x86_64__)
	__asm__ volatile("cmpxchgl %2, %1"
			 : "+a"(expected), "+m"(*at)
			 : "r"(value)
			 : "memory", "cc");
#else
	__atomic_compare_exchange_n(at, &expected, value, false, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
#endif
}

static inline void signal_atomic_increment(_Atomic uint64_t *count)
{
#if defined(__x86_64__)
	__asm__ volatile("incq %0" : "+m"(*count) : : "cc");
#else
	atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
#endif
}

static inline void signal_atomic_add_long(_Atomic uint64_t *to, uint64_t count)
{
#if defined(__x86_64__)
	__asm__ volatile("addq %1, %0" : "+m"(*to) : "re"(count) : "cc");
#else
	atomic_fetch_add_explicit(to, count, memory_order_relaxed);
#endif
}

#endif

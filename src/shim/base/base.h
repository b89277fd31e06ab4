/* SPDX-License-Identifier: MIT */
/* Common includes, attributes and small helpers, for every file of the preload library. */
#ifndef SHIM_BASE_BASE_H
#define SHIM_BASE_BASE_H

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#if !defined(__x86_64__) && !defined(__aarch64__) && !defined(__riscv)
#error "the preload library knows x86-64, aarch64 and riscv64"
#endif
_Static_assert(sizeof(long) == 8, "the preload library serves 64-bit programs only");
_Static_assert(sizeof(off_t) == sizeof(off64_t), "off_t and off64_t must be the same");

#define EXPORT __attribute__((visibility("default")))
/* For variables that inline functions use: they are accessed directly, not through the GOT. */
#define HIDDEN __attribute__((visibility("hidden")))
/* For variables that nearly every call reads: together in one cache line. */
#define HOT __attribute__((section("shim_hot")))
/* For variables that the constructor writes: on one page, together with the HOT line. */
#define EARLY __attribute__((section("shim_early")))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define COLD __attribute__((cold, noinline))
/* For functions that look too long to inline, but are short once their arguments are known. */
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define INITIAL_EXEC __attribute__((tls_model("initial-exec")))

/* The most bytes that one transfer moves, whatever length was asked for. */
#define TRANSFER_MAX 0x7ffff000u

/* Orders memory accesses against signal handlers of the same thread. */
static inline void signal_fence(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

/* Turns a result of the kernel into libc's: -1 and errno for an error. */
static inline long libc_result(long ret)
{
	if (unlikely(ret < 0)) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}

#endif

/* What every file of the preload library starts from. */
#ifndef SHIM_BASE_BASE_H
#define SHIM_BASE_BASE_H

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "the preload library knows x86-64 and aarch64"
#endif
_Static_assert(sizeof(long) == 8, "the preload library serves 64-bit programs only");
_Static_assert(sizeof(off_t) == sizeof(off64_t), "off_t and off64_t must be the same");

#define EXPORT __attribute__((visibility("default")))
/* For variables that inline functions use: not by way of a table of offsets. */
#define HIDDEN __attribute__((visibility("hidden")))
/* For what nearly every call reads: in one cache line. */
#define HOT __attribute__((section("shim_hot")))
/* For what the start writes: on one page, with that line. */
#define EARLY __attribute__((section("shim_early")))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define COLD __attribute__((cold, noinline))
/* For what the compiler takes for too long, but is short where its arguments are known. */
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define INITIAL_EXEC __attribute__((tls_model("initial-exec")))

/* What one transfer moves at most, whatever length was asked for. */
#define TRANSFER_MAX 0x7ffff000u

/* Orders memory accesses against signal handlers of the same thread. */
static inline void signal_fence(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

/* A kernel result as libc returns it. */
static inline long libc_result(long ret)
{
	if (unlikely(ret < 0)) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}

#endif

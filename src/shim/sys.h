/*
 * System calls past libc: the result is the kernel's (negative errno), errno
 * stays as it was, and no interposed function, ours or another's, is reached.
 */
#ifndef SHIM_SYS_H
#define SHIM_SYS_H

#include <sys/syscall.h>
#include "shim/base.h"

#if defined(__x86_64__)
static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#else
#error "the preload library knows x86-64 and aarch64"
#endif

static inline long sys0(long nr) { return sys6(nr, 0, 0, 0, 0, 0, 0); }
static inline long sys1(long nr, long a) { return sys6(nr, a, 0, 0, 0, 0, 0); }
static inline long sys2(long nr, long a, long b) { return sys6(nr, a, b, 0, 0, 0, 0); }
static inline long sys3(long nr, long a, long b, long c) { return sys6(nr, a, b, c, 0, 0, 0); }
static inline long sys4(long nr, long a, long b, long c, long d)
{
	return sys6(nr, a, b, c, d, 0, 0);
}

/* Anonymous zeroed memory, or NULL. */
void *sys_pages(size_t size);

/* Copies from memory that may not be there; false when it is not. */
bool sys_peek(void *to, const void *from, size_t size);

/* Blocks every signal there is, libc's own too; the old mask goes to *old. */
void sys_block_signals(uint64_t *old);
void sys_restore_signals(const uint64_t *old);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A system call that bypasses libc, so that no preloaded library sees it. The result is the
 * kernel's: a negative errno on failure. errno is unchanged.
 */
#ifndef TESTS_LIB_RAW6_H
#define TESTS_LIB_RAW6_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
enum { RAW_IS_UNSEEN = 1 };

static inline long raw6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
enum { RAW_IS_UNSEEN = 1 };

static inline long raw6(long nr, long a, long b, long c, long d, long e, long f)
{
	const long args[] = { a, b, c, d, e, f };
	long ret;

	__asm__ volatile("ldp x0, x1, [%1]\n\tldp x2, x3, [%1, 16]\n\tldp x4, x5, [%1, 32]\n\t"
			 "mov x8, %2\n\tsvc 0\n\tmov %0, x0"
		: "=r"(ret) : "r"(args), "r"(nr)
		: "x0", "x1", "x2", "x3", "x4", "x5", "x8", "memory");
	return ret;
}
#elif defined(__riscv)
enum { RAW_IS_UNSEEN = 1 };

static inline long raw6(long nr, long a, long b, long c, long d, long e, long f)
{
	const long args[] = { a, b, c, d, e, f };
	long ret;

	__asm__ volatile("ld a0, 0(%1)\n\tld a1, 8(%1)\n\tld a2, 16(%1)\n\tld a3, 24(%1)\n\t"
			 "ld a4, 32(%1)\n\tld a5, 40(%1)\n\tmv a7, %2\n\tecall\n\tmv %0, a0"
		: "=&r"(ret) : "r"(args), "r"(nr)
		: "a0", "a1", "a2", "a3", "a4", "a5", "a7", "memory");
	return ret;
}
#else
enum { RAW_IS_UNSEEN = 0 };

static inline long raw6(long nr, long a, long b, long c, long d, long e, long f)
{
	int saved = errno;
	long ret = syscall(nr, a, b, c, d, e, f);

	if (ret < 0)
		ret = -errno;
	errno = saved;
	return ret;
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/*
 * System calls that use neither errno nor libc's functions. Those functions can be the
 * preload library's own, which make rings inside.
 */
#ifndef RINGSHIM_URING_SYS_H
#define RINGSHIM_URING_SYS_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All architectures but alpha and mips use these numbers. Older headers do not have them. */
#if !defined(__alpha__) && !defined(__mips__)
#undef SYS_io_uring_setup
#undef SYS_io_uring_enter
#undef SYS_io_uring_register
#define SYS_io_uring_setup 425
#define SYS_io_uring_enter 426
#define SYS_io_uring_register 427
#endif

#if defined(__x86_64__) && !defined(__ILP32__)

/*
 * Returns a number for this thread, never 0: part of the address of its thread-local data,
 * which differs for all live threads. The word at %fs:0 is that address, a multiple of 64.
 * Its bits 8 to 39 are enough.
 */
static inline uint32_t sys_this_thread(void)
{
	uint32_t thread;

	__asm__("movl %%fs:1, %0" : "=r"(thread));
	return thread;
}

static inline long sys_call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r9 __asm__("r9") = f;
	register long r8 __asm__("r8") = e;
	register long r10 __asm__("r10") = d;
	register long rdx __asm__("rdx") = c;
	register long rsi __asm__("rsi") = b;
	register long rdi __asm__("rdi") = a;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "r"(rdi), "r"(rsi), "r"(rdx), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#elif defined(__aarch64__)

/* Returns a number for this thread, never 0: part of the address of its thread-local data. */
static inline uint32_t sys_this_thread(void)
{
	uint64_t pointer;

	__asm__("mrs %0, tpidr_el0" : "=r"(pointer));
	return (uint32_t)(pointer >> 4);
}

static inline long sys_call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory", "cc");
	return x0;
}

#elif defined(__riscv) && __riscv_xlen == 64

/* Returns a number for this thread, never 0: part of the address of its thread-local data. */
static inline uint32_t sys_this_thread(void)
{
	uint64_t pointer;

	__asm__("mv %0, tp" : "=r"(pointer));
	return (uint32_t)(pointer >> 4);
}

static inline long sys_call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long a7 __asm__("a7") = nr;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
			 : "memory");
	return a0;
}

#else

/* Returns a number for this thread, never 0. */
static inline uint32_t sys_this_thread(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

static inline long sys_call6(long nr, long a, long b, long c, long d, long e, long f)
{
	int saved = errno;
	long ret = syscall(nr, a, b, c, d, e, f);

	if (ret == -1)
		ret = -errno;
	errno = saved;
	return ret;
}

#endif

#ifdef SYS_mmap
#define SYS_MMAP SYS_mmap
#define SYS_MMAP_UNIT 1
#else
#define SYS_MMAP SYS_mmap2 /* 32-bit: the offset is in units of 4096 bytes */
#define SYS_MMAP_UNIT 4096
#endif

/* Returns an address or a negative errno; see sys_is_error. */
static inline void *sys_mmap(void *addr, size_t size, int prot, int flags, int fd,
			     unsigned long offset)
{
	return (void *)sys_call6(SYS_MMAP, (long)addr, (long)size, prot, flags, fd,
				 (long)(offset / SYS_MMAP_UNIT));
}

static inline int sys_is_error(const void *p)
{
	return (unsigned long)p >= (unsigned long)-4095L;
}

static inline int sys_munmap(void *addr, size_t size)
{
	return (int)sys_call6(SYS_munmap, (long)addr, (long)size, 0, 0, 0, 0);
}

static inline int sys_madvise(void *addr, size_t size, int advice)
{
	return (int)sys_call6(SYS_madvise, (long)addr, (long)size, advice, 0, 0, 0);
}

static inline int sys_close(int fd)
{
	return (int)sys_call6(SYS_close, fd, 0, 0, 0, 0, 0);
}

#endif

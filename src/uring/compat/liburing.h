/* SPDX-License-Identifier: MIT */
/*
 * The interface of liburing 2.15 on the functions of libringshim-uring, for programs
 * written for liburing. doc/liburing.md lists the differences.
 */
#ifndef LIB_URING_H
#define LIB_URING_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "../uring.h"
#include "liburing/compat.h"
#include "liburing/io_uring.h"
#include "liburing/io_uring_version.h"
#include "liburing/barrier.h"

#ifndef uring_likely
#define uring_likely(cond) __builtin_expect(!!(cond), 1)
#endif

#ifndef uring_unlikely
#define uring_unlikely(cond) __builtin_expect(!!(cond), 0)
#endif

/*
 * C++20 modules do not export static functions. The functions are hidden, because liburing
 * itself can be in the same process with symbols of the same names.
 */
#if defined(__cplusplus) && __cplusplus >= 202002L
#define URING_COMPAT_INLINE inline __attribute__((__visibility__("hidden")))
#else
#define URING_COMPAT_INLINE static inline
#endif

/* To get symbols for other languages, define this before the #include. */
#ifndef IOURINGINLINE
#define IOURINGINLINE URING_COMPAT_INLINE
#endif

#ifndef _LOCAL_INLINE
#define _LOCAL_INLINE URING_COMPAT_INLINE
#endif

#ifdef __cplusplus
#define LIBURING_NOEXCEPT noexcept
#else
#define LIBURING_NOEXCEPT
#endif

/* For older C libraries. alpha and mips use other numbers, but their C libraries have them. */
#ifndef __NR_io_uring_setup
#define __NR_io_uring_setup 425
#endif
#ifndef __NR_io_uring_enter
#define __NR_io_uring_enter 426
#endif
#ifndef __NR_io_uring_register
#define __NR_io_uring_register 427
#endif

/* Says that io_uring_sqe_set_data64 exists. */
#define LIBURING_HAVE_DATA64

/*
 * The user data of timeouts that liburing queues internally. This library queues none, on
 * any kernel, so no completion has it.
 */
#define LIBURING_UDATA_TIMEOUT ((__u64)-1)

/* True if this header is older than the version. */
#define IO_URING_CHECK_VERSION(major, minor) \
	((major) > IO_URING_VERSION_MAJOR || \
	 ((major) == IO_URING_VERSION_MAJOR && (minor) > IO_URING_VERSION_MINOR))

#include "liburing/ring.h"
#include "liburing/queue.h"
#include "liburing/sqe.h"
#include "liburing/prep.h"
#include "liburing/buffers.h"
#include "liburing/register.h"

#ifdef __cplusplus
extern "C" {
#endif

/* This interface is headers only, so its version is the headers' version. */
IOURINGINLINE int io_uring_major_version(void) LIBURING_NOEXCEPT
{
	return IO_URING_VERSION_MAJOR;
}

IOURINGINLINE int io_uring_minor_version(void) LIBURING_NOEXCEPT
{
	return IO_URING_VERSION_MINOR;
}

IOURINGINLINE bool io_uring_check_version(int major, int minor) LIBURING_NOEXCEPT
{
	return IO_URING_CHECK_VERSION(major, minor);
}

#ifdef __cplusplus
}
#endif

#undef IOURINGINLINE
#undef URING_COMPAT_INLINE
#undef _LOCAL_INLINE

#endif

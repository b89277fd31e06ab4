/*
 * For programs that were written for liburing: its interface, 2.15, on the
 * functions of libringshim-uring. doc/liburing.md says what is different.
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
 * Modules of C++20 export no static functions. Hidden: liburing itself may be in the
 * same process, with symbols of these names.
 */
#if defined(__cplusplus) && __cplusplus >= 202002L
#define URING_COMPAT_INLINE inline __attribute__((__visibility__("hidden")))
#else
#define URING_COMPAT_INLINE static inline
#endif

/* Whoever wants symbols of them, for other languages, can say so before. */
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

/* Where the C library is older; alpha and mips, which number differently, have them. */
#ifndef __NR_io_uring_setup
#define __NR_io_uring_setup 425
#endif
#ifndef __NR_io_uring_enter
#define __NR_io_uring_enter 426
#endif
#ifndef __NR_io_uring_register
#define __NR_io_uring_register 427
#endif

/* There is io_uring_sqe_set_data64. */
#define LIBURING_HAVE_DATA64

/* Here no timeout is queued behind a program's back, on any kernel: never seen. */
#define LIBURING_UDATA_TIMEOUT ((__u64)-1)

/* Whether this header is older than that version. */
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

/* The library is its headers here: what they are, it is. */
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

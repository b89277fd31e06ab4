/* SPDX-License-Identifier: MIT */
/* Part of <liburing.h>: the system's types and headers that liburing's interface relies on. */
#ifndef LIBURING_COMPAT_H
#define LIBURING_COMPAT_H

#include <linux/types.h>
#include <stdint.h>
#include <sys/uio.h>

#if __has_include(<linux/time_types.h>)
#include <linux/time_types.h>
#else
struct __kernel_timespec {
	int64_t tv_sec;
	long long tv_nsec;
};
#endif

/* Not needed here, but programs count on what it defines. */
#if __has_include(<linux/fs.h>)
#include <linux/fs.h>
#endif

#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#else
struct open_how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};
#endif

#endif

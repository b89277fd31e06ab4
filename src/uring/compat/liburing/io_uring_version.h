/* SPDX-License-Identifier: MIT */
/* Part of <liburing.h>: the version of liburing that this interface follows. */
#ifndef LIBURING_VERSION_H
#define LIBURING_VERSION_H

#define IO_URING_VERSION_MAJOR 2
#define IO_URING_VERSION_MINOR 15

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Compiles the inline functions of the headers once more, as exported symbols, for
 * languages that cannot include the headers.
 */
#define URING_INLINE URING_API
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#include "uring.h"

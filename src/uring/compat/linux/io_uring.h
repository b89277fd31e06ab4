/* SPDX-License-Identifier: MIT */
/*
 * Takes the place of the system's <linux/io_uring.h>, which can be older and must not be
 * included beside ours.
 */
#include "../liburing/io_uring.h"

/* SPDX-License-Identifier: MIT */
/* uring_init_thread with a choice of memory, for the preload library. Not installed. */
#ifndef RINGSHIM_URING_THREAD_H
#define RINGSHIM_URING_THREAD_H

#include "uring.h"

/*
 * Like uring_init_thread, but places the ring in our own memory if that takes at most size
 * bytes and the kernel supports it (6.6). Then no descriptor is opened, not even to be
 * closed again, unless the thread's table of registered rings is full.
 */
__attribute__((visibility("hidden"))) int uringi_init_thread(struct uring *ring, unsigned entries,
							     long size);

#endif

/* For the preload library: uring_init_thread with a choice. Not installed. */
#ifndef RINGSHIM_URING_THREAD_H
#define RINGSHIM_URING_THREAD_H

#include "uring.h"

/*
 * As uring_init_thread, in memory of our own where that is up to size and the kernel
 * can do it (6.6): no descriptor is opened then, not even to be closed again.
 */
__attribute__((visibility("hidden")))
int uringi_init_thread(struct uring *ring, unsigned entries, long size);

#endif

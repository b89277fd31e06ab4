/* SPDX-License-Identifier: MIT */
/* Flags of the process that send operations through op_prepare() before they are submitted. */
#ifndef SHIM_QUEUE_PREPARE_FLAGS_H
#define SHIM_QUEUE_PREPARE_FLAGS_H

#include "shim/symbols/probes.h"

/* The lower half is the semaphore of a probe (symbols/probes.h). */
enum {
	PREPARE_FOR_AUTO = 1 << 16,   /* auto can make the call go direct */
	PREPARE_FOR_IOWQ = 1 << 17,   /* the kernel could create no worker (iowq/workers.h) */
	PREPARE_FOR_CLOCK = 1 << 18,  /* calls are timed (base/clock.h) */
	PREPARE_FOR_MEMORY = 1 << 19, /* a limit of memory does not suit workers (iowq/memory.h) */
};

extern _Atomic uint32_t prepare_flags HIDDEN HOT;

static inline uint32_t op_prepare_flags(void)
{
	return atomic_load_explicit(&prepare_flags, memory_order_relaxed);
}

/* True if auto learns from each operation. Set once, at the start. */
extern bool auto_active HIDDEN HOT;

static inline bool auto_is_active(void)
{
	return unlikely(auto_active);
}

#endif

/* SPDX-License-Identifier: MIT */
/* Flags of the process that send operations through op_prepare() before they are submitted. */
#ifndef SHIM_QUEUE_PREPARE_FLAGS_H
#define SHIM_QUEUE_PREPARE_FLAGS_H

#include "shim/base/base.h"

enum {
	PREPARE_FOR_AUTO = 1,	/* auto can make the call go direct */
	PREPARE_FOR_IOWQ = 2,	/* the kernel could create no worker (iowq-workers.h) */
	PREPARE_FOR_MEMORY = 4, /* a limit of memory does not suit workers (iowq-workers.h) */
	PREPARE_FOR_CLOCK = 8,	/* calls are timed (base/clock.h) */
};

extern _Atomic uint8_t prepare_flags HIDDEN HOT;

static inline uint8_t op_prepare_flags(void)
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

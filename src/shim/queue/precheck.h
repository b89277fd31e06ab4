/* SPDX-License-Identifier: MIT */
/* Flags of the process that send operations through op_prepare() before they are submitted. */
#ifndef SHIM_QUEUE_PRECHECK_H
#define SHIM_QUEUE_PRECHECK_H

#include "shim/base/base.h"

enum {
	PRECHECK_AUTO = 1, /* auto can make the call go direct */
	PRECHECK_IOWQ = 2, /* the kernel could create no worker (iowq-workers.h) */
};

extern _Atomic uint8_t prechecks HIDDEN HOT;

static inline uint8_t precheck_flags(void)
{
	return atomic_load_explicit(&prechecks, memory_order_relaxed);
}

/* True if auto learns from each operation. Set once, at the start. */
extern bool auto_active HIDDEN HOT;

static inline bool auto_is_active(void)
{
	return unlikely(auto_active);
}

#endif

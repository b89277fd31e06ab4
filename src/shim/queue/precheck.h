/* Why an operation is looked at before it is submitted (op_prepare). */
#ifndef SHIM_QUEUE_PRECHECK_H
#define SHIM_QUEUE_PRECHECK_H

#include "shim/base/base.h"

enum {
	PRECHECK_AUTO = 1,	/* auto may know better */
	PRECHECK_IOWQ = 2,	/* the kernel could make no worker (iowq-workers.h) */
};

extern _Atomic uint8_t prechecks HIDDEN HOT;

static inline uint8_t precheck_flags(void)
{
	return atomic_load_explicit(&prechecks, memory_order_relaxed);
}

/* Returns true if auto learns from each operation. Set once, at the start. */
extern bool auto_active HIDDEN HOT;

static inline bool auto_is_active(void)
{
	return unlikely(auto_active);
}

#endif

/* Why an operation is looked at before it is submitted (contract_prepare). */
#ifndef SHIM_QUEUE_PRECHECK_H
#define SHIM_QUEUE_PRECHECK_H

#include "shim/base/base.h"

enum {
	CAUTION_LEARN = 1,	/* auto may know better */
	CAUTION_WORKERS = 2,	/* the kernel could make no worker (iowq-workers.h) */
};

extern _Atomic uint8_t caution HIDDEN HOT;

static inline uint8_t caution_flags(void)
{
	return atomic_load_explicit(&caution, memory_order_relaxed);
}

/* Returns true if auto learns from each operation. Set once, at the start. */
extern bool learn_active HIDDEN HOT;

static inline bool learn_on(void)
{
	return unlikely(learn_active);
}

#endif

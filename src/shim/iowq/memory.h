/* SPDX-License-Identifier: MIT */
/* Keeps writes away from io-wq workers under a limit of memory that does not suit these. */
#ifndef SHIM_IOWQ_MEMORY_H
#define SHIM_IOWQ_MEMORY_H

#include "shim/iowq/ops.h"
#include "shim/queue/prepare-flags.h"

/*
 * Where memory is short, the kernel holds a writer back until pages have reached the disk, but not a
 * worker, which may be needed for that. A version 1 cgroup with a limit then kills the program
 * (measured on 6.18: 24 of 30 copies of 64 MiB under a limit of 40 MiB; none natively). Version 2
 * holds back whoever makes pages dirty.
 */
extern bool iowq_memory_is_known HIDDEN;

/* Finds out, once, whether there is such a limit. */
void iowq_learn_memory(void);

/* Call for an operation that a worker runs. */
static inline void iowq_note_memory(const struct operation *op)
{
	if (unlikely(!iowq_memory_is_known) && iowq_takes_memory(op))
		iowq_learn_memory();
}

/* Returns true if op must go direct because of such a limit. */
static inline bool iowq_has_little_memory(const struct operation *op)
{
	return op_prepare_flags() & PREPARE_FOR_MEMORY && iowq_takes_memory(op);
}

#endif

/*
 * The kernel's workers, which run what cannot be done without waiting. One may
 * hold the file of an operation that is long done, until the thread enters its
 * ring again: closed meanwhile, the file would stay open.
 */
#ifndef SHIM_WORKERS_H
#define SHIM_WORKERS_H

#include "shim/operation.h"
#include "shim/thread.h"

/* What the kernel always hands to a worker. */
bool workers_always(const struct operation *op);

/* What runs in a worker as a rule: that, and everything on a file but a read. */
bool workers_usually(const struct operation *op);

/* op was not done at once: takes note if a worker may hold its file. */
void workers_note(struct thread *thread, const struct operation *op);

/* Makes the kernel let go of the files that this thread's operations used. */
void workers_settle_now(struct thread *thread);

/* Before a descriptor is closed, and before the thread's ring ends. */
static inline void workers_settle(struct thread *thread)
{
	if (unlikely(thread->worked))
		workers_settle_now(thread);
}

/* After an operation: where there are more threads, another may close its descriptor. */
static inline void workers_settle_for_others(struct thread *thread)
{
	if (unlikely(thread->worked) && !process_single_threaded())
		workers_settle_now(thread);
}

#endif

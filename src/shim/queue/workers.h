/* The kernel's workers, which run what cannot be done without waiting. */
#ifndef SHIM_QUEUE_WORKERS_H
#define SHIM_QUEUE_WORKERS_H

#include "shim/queue/queue.h"
#include "shim/queue/operation.h"
#include "shim/queue/iowq-files.h"

/* Whether op reads into one buffer or several. */
static inline bool workers_reads(const struct operation *op)
{
	return op->sqe.opcode == URING_OP_READ || op->sqe.opcode == URING_OP_READV;
}

/* What the kernel always hands to a worker. */
bool workers_always(const struct operation *op);

/* What runs in a worker as a rule: that, and everything on a file but a read. */
bool workers_usually(const struct operation *op);

/* op was not done at once: takes note if a worker may hold its file (settle.h). */
void workers_note(struct thread *thread, const struct operation *op);

/*
 * After op: where there are more threads, another may close its descriptor. Not
 * after each read that waited for a disk, which leaves nothing that others see.
 */
static inline void workers_settle_for_others(struct thread *thread, const struct operation *op)
{
	if (unlikely(thread->worked) && !process_single_threaded() && !workers_reads(op) &&
	    !queue_is_polled(thread))
		settle_now(thread, -1);
}

#endif

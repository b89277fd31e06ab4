/* The kernel's workers, which run what cannot be done without waiting. */
#ifndef SHIM_QUEUE_IOWQ_OPS_H
#define SHIM_QUEUE_IOWQ_OPS_H

#include "shim/queue/queue.h"
#include "shim/queue/operation.h"
#include "shim/queue/iowq-files.h"

/* Whether op reads into one buffer or several. */
static inline bool op_is_read(const struct operation *op)
{
	return op->sqe.opcode == URING_OP_READ || op->sqe.opcode == URING_OP_READV;
}

/* What the kernel always hands to a worker. */
bool iowq_always_runs(const struct operation *op);

/* What runs in a worker as a rule: that, and everything on a file but a read. */
bool iowq_usually_runs(const struct operation *op);

/* op was not done at once: takes note if a worker may hold its file (iowq-files.h). */
void iowq_note_file(struct thread *thread, const struct operation *op);

/*
 * After op: where there are more threads, another may close its descriptor. Not
 * after each read that waited for a disk, which leaves nothing that others see.
 */
static inline void iowq_drop_files_for_threads(struct thread *thread, const struct operation *op)
{
	if (unlikely(thread->iowq_user_data) && !process_is_single_threaded() && !op_is_read(op) &&
	    !queue_is_polled(thread))
		iowq_drop_files_now(thread, -1);
}

#endif

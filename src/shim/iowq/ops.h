/* SPDX-License-Identifier: MIT */
/*
 * Operations that the kernel hands to its io-wq workers, because they cannot be done without
 * waiting; and the note that a worker can still hold an operation's file.
 */
#ifndef SHIM_IOWQ_OPS_H
#define SHIM_IOWQ_OPS_H

#include "shim/queue/queue.h"
#include "shim/queue/operation.h"
#include "shim/iowq/held-files.h"

/* Returns true if op reads, into one buffer or several. */
static inline bool op_is_read(const struct operation *op)
{
	return op->sqe.opcode == URING_OP_READ || op->sqe.opcode == URING_OP_READV;
}

/* Returns true if the kernel always hands op to a worker. */
bool iowq_always_runs(const struct operation *op);

/*
 * Returns true if a worker runs op as a rule: this holds for what it always runs, and for every
 * operation on a file except a read.
 */
bool iowq_usually_runs(const struct operation *op);

/* Returns true if op takes memory for pages of a file that it writes, or moves to or from a pipe. */
bool iowq_takes_memory(const struct operation *op);

/*
 * Call when op did not complete at once. If a worker can still hold op's file, records that
 * (iowq/held-files.h).
 */
void iowq_note_file(struct thread *thread, const struct operation *op);

/*
 * Call after op. In a program with several threads another one can close op's descriptor, so the
 * file is dropped now. Not after reads: those often wait for a disk, and leave nothing that others
 * see.
 */
static inline void iowq_drop_files_for_threads(struct thread *thread, const struct operation *op)
{
	if (unlikely(thread->iowq_user_data) && !process_is_single_threaded() && !op_is_read(op) &&
	    !queue_is_polled(thread))
		iowq_drop_files_now(thread, -1);
}

#endif

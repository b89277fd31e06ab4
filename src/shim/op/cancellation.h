/* SPDX-License-Identifier: MIT */
/*
 * Cancellation of threads that wait. Before glibc 2.41 a waiting libc call can be cancelled at any
 * instruction, and so can a handler that runs over it. Since 2.41 libc checks where the signal of
 * a cancellation finds the thread. It then cancels neither a handler nor the call that continues
 * after a handler during which the cancellation came.
 */
#ifndef SHIM_OP_CANCELLATION_H
#define SHIM_OP_CANCELLATION_H

#include "shim/queue/operation.h"
#include "shim/ring/thread.h"

/* Returns true if another thread can cancel this one in the middle of op. */
static inline bool op_is_cancellable(const struct operation *op)
{
	return unlikely(!process_is_single_threaded()) && !op->passes_cancellation;
}

/* Called around a wait for op. enter returns the cancel type, which the caller passes to leave. */
int cancellation_enter_wait(const struct operation *op);
void cancellation_leave_wait(int type);

/*
 * Called around a handler that runs over op (NULL: over no operation). enter returns the cancel
 * type, which the caller passes to leave.
 */
int cancellation_enter_handler(const struct thread *thread, const struct operation *op);
void cancellation_leave_handler(const struct thread *thread, struct operation *op, int type);

#endif

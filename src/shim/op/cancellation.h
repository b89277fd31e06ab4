/*
 * Threads that others may cancel while they wait. Before glibc 2.41 a waiting
 * call of libc's makes its thread cancellable at any instruction, and a handler
 * that runs over it is, too. Since 2.41 libc looks where the signal of a
 * cancellation finds the thread: a handler is not cancelled, nor is the call that
 * goes on behind a handler during which the cancellation came.
 */
#ifndef SHIM_OP_CANCELLATION_H
#define SHIM_OP_CANCELLATION_H

#include "shim/queue/operation.h"
#include "shim/ring/thread.h"

/* Whether another thread may end this one in the middle of op. */
static inline bool op_is_cancellable(const struct operation *op)
{
	return unlikely(!process_is_single_threaded()) && !op->passes_cancellation;
}

/* Around a wait for op. Returns the type to give to the second one. */
int cancellation_enter_wait(const struct operation *op);
void cancellation_leave_wait(int type);

/* Around a handler that runs over op, or over none: NULL. Likewise. */
int cancellation_enter_handler(const struct thread *thread, const struct operation *op);
void cancellation_leave_handler(const struct thread *thread, struct operation *op, int type);

#endif

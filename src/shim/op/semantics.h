/*
 * Makes one operation mean what the native call means: what its result is to
 * the program, when it is made again, and what only the native call can judge.
 */
#ifndef SHIM_OP_SEMANTICS_H
#define SHIM_OP_SEMANTICS_H

#include <pthread.h>
#include "shim/op/submit.h"

/* What comes first where calls have bounds, a ring is to be made, or auto learns: 0, or as op_run. */
int op_prepare(struct thread *thread, struct operation *op);

/* op ended without a result for the program: what comes of it. */
int op_resolve(struct thread *thread, struct operation *op);

/* As op_run, for op that uses the file position, if at_position. */
static ALWAYS_INLINE int op_run_at_position(struct thread *thread, struct operation *op,
					 bool at_position)
{
	int res;

	op->state = 0;
	if (unlikely(op->bound != 0 || thread->epoch != epoch_current() || precheck_flags())) {
		int ret = op_prepare(thread, op);

		if (ret)
			return ret;
	}
	if (op_is_cancellable(op) && unlikely(thread->cancels_asynchronously)) {
		op_submit_with_cleanup(thread, op);
	} else {
		/* Whoever holds a position lock has tested before. */
		if (op_is_cancellable(op) && !at_position)
			pthread_testcancel();
		op_submit_and_wait(thread, op, at_position);
	}
	res = op->res;
	return likely(res >= 0) ? res : op_resolve(thread, op);
}

/* Runs op and returns its result, a negative errno, or one of the above. */
static ALWAYS_INLINE int op_run(struct thread *thread, struct operation *op)
{
	return op_run_at_position(thread, op, false);
}

/* Sends the calling thread the signal that the native call would have raised. */
void raise_as_user(int sig);

#endif

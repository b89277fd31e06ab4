/* SPDX-License-Identifier: MIT */
/*
 * Makes one operation mean what the native call means: computes the result for the program,
 * repeats an interrupted call, and declines what only the native call can judge.
 */
#ifndef SHIM_OP_SEMANTICS_H
#define SHIM_OP_SEMANTICS_H

#include <pthread.h>
#include "shim/op/submit.h"

/*
 * Slow-path setup: sets the deadline, makes the ring, consults auto. Returns 0 to continue, else a
 * result of op_run().
 */
int op_prepare(struct thread *thread, struct operation *op);

/*
 * Handles a first run of op that ended with a negative result: returns it, runs op again, or
 * declines the call. Returns a result of op_run().
 */
int op_resolve(struct thread *thread, struct operation *op);

/* Runs op like op_run(). at_position: op uses the file position, whose lock the caller holds. */
static ALWAYS_INLINE int op_run_at_position(struct thread *thread, struct operation *op,
					    bool at_position)
{
	int res;

	op->status = (struct op_status){ 0 };
	if (unlikely(op->bound != 0 || thread->epoch != epoch_current() || op_prepare_flags())) {
		int ret = op_prepare(thread, op);

		if (ret)
			return ret;
	}
	if (op_is_cancellable(op) && unlikely(thread->cancels_asynchronously)) {
		op_submit_with_cleanup(thread, op);
	} else {
		/* With at_position the caller tested before it took the position lock. */
		if (op_is_cancellable(op) && !at_position)
			pthread_testcancel();
		op_submit_and_wait(thread, op, at_position);
	}
	res = op->res;
	return likely(res >= 0) ? res : op_resolve(thread, op);
}

/* Runs op. Returns its result, a negative errno, or DECLINED(reason). */
static ALWAYS_INLINE int op_run(struct thread *thread, struct operation *op)
{
	return op_run_at_position(thread, op, false);
}

/* Sends the calling thread the signal that the native call would have raised. */
void raise_as_user(int sig);

#endif

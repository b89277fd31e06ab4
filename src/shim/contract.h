/*
 * Makes one operation behave as the native call does: waiting, interruption
 * and restart by signals, cancellation of the thread, timeouts, descriptors
 * that turn out to be non-blocking. The only place that submits.
 */
#ifndef SHIM_CONTRACT_H
#define SHIM_CONTRACT_H

#include "shim/operation.h"
#include "shim/thread.h"

/* contract_run's answer when the call must be made directly: nothing happened. */
enum {
	CONTRACT_DIRECT = INT_MIN,
	CONTRACT_RESTART,	/* likewise, after a signal */
	CONTRACT_UNABLE,	/* likewise, the kernel cannot do it non-blocking */
	CONTRACT_SHARED,	/* likewise, the file position is not ours alone */
	CONTRACT_DETOUR,	/* likewise, a kernel worker would have to run it (auto) */
	CONTRACT_ARGUMENT,	/* likewise, the arguments are the native call's to judge */
};

static inline bool contract_declined(int res)
{
	return unlikely(res <= CONTRACT_ARGUMENT);
}

/* Runs op and returns its result, a negative errno, or one of the above. */
int contract_run(struct thread *thread, struct operation *op);

/*
 * For a handler that interrupts, with all signals blocked: ends the operation
 * in flight, by cancelling it where the native call would be interrupted, else
 * by waiting for it.
 */
void contract_end(struct thread *thread, struct operation *op);

/* Whether op's socket has a timeout: a call on it is never restarted. */
bool contract_has_timeout(const struct operation *op);

/*
 * Whether op may still be submitted: the file position that it uses may have
 * been shared while a handler ran, which gives up the lock. Declines it if not.
 */
bool contract_still_due_at_position(struct operation *op);

static inline bool contract_still_due(struct operation *op)
{
	return likely(!op->at_position) || contract_still_due_at_position(op);
}

/* Makes the next wait return at once: the operation it waits for is over. */
void contract_wake(struct thread *thread);

/*
 * In a child that was forked by a handler over op: the ring stayed with the
 * parent. Puts empty memory in its place, so that the code that waits for op
 * finds it done: with the result it had, if it had ended, or to be made anew.
 */
void contract_orphan(struct thread *thread, struct operation *op, bool ended);

/*
 * Makes the kernel let go of every file that this thread's operations used. A
 * worker that ran one may hold its file when the operation is long done, until
 * the thread enters its ring again. Before a descriptor is closed, that is.
 */
void contract_settle(void);

/* Sends the calling thread the signal that the native call would have raised. */
void contract_raise(int sig);

#endif

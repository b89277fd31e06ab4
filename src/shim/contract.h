/*
 * Makes one operation behave as the native call does: waiting, interruption
 * and restart by signals, cancellation of the thread, timeouts, descriptors
 * that turn out to be non-blocking. The only place that submits.
 */
#ifndef SHIM_CONTRACT_H
#define SHIM_CONTRACT_H

#include "shim/fdtable.h"
#include "shim/thread.h"

/* What the handlers that ran over the operation ask for, if it had no effect. */
enum verdict {
	VERDICT_NONE,
	VERDICT_RESTART,
	VERDICT_INTERRUPT,
};

struct operation {
	/* Set by the caller; sqe is complete but for user_data. */
	struct uring_sqe sqe;
	int fd;
	fd_info info;		/* what fd was taken for */
	bool sleeps;		/* may wait for others, and is cancelled by signals */
	bool nonblocking;	/* fd was seen so, and sqe says not to wait */
	int timeout_option;	/* SO_RCVTIMEO, SO_SNDTIMEO, or 0: not a socket */
	int again;		/* errno that native gives for "would block": EAGAIN, ... */
	bool at_position;	/* uses the file position, which must be ours to the end */
	bool begun;		/* part of the call is done: every signal ends it */
	bool restart_direct;	/* a second operation would not mean the same */
	bool stoppable;		/* when partly done, a stop of the process ends it too */
	bool passes_cancellation; /* natively no cancellation point */

	/* Set by the contract. */
	volatile bool done;
	bool mistaken;			/* fd is not what it was taken for */
	volatile bool cancelled;	/* we asked for its end */
	volatile bool signalled;	/* the kernel raised SIGPIPE or SIGXFSZ itself */
	volatile int res;
	volatile enum verdict verdict;
};

/* contract_run's answer when the call must be made directly: nothing happened. */
enum {
	CONTRACT_DIRECT = INT_MIN,
	CONTRACT_RESTART,	/* likewise, after a signal */
	CONTRACT_UNABLE,	/* likewise, the kernel cannot do it non-blocking */
	CONTRACT_SHARED,	/* likewise, the file position is not ours alone */
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
bool contract_still_due(struct operation *op);

/* Takes a shown but unsubmitted entry back. Whether there was one. */
bool contract_withdraw(struct thread *thread);

/* Writes op's entry and shows it to the kernel, as contract_run did before. */
void contract_show(struct thread *thread, struct operation *op);

/* Makes the next wait return at once: the operation it waits for is over. */
void contract_wake(struct thread *thread);

/*
 * In a child that was forked by a handler over op: the ring stayed with the
 * parent. Puts empty memory in its place, so that the code that waits for op
 * finds it done: with the result it had, if it had ended, or to be made anew.
 */
void contract_orphan(struct thread *thread, struct operation *op, bool ended);

/* Sends the calling thread the signal that the native call would have raised. */
void contract_raise(int sig);

#endif

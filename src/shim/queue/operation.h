/* One call as what a ring runs. */
#ifndef SHIM_QUEUE_OPERATION_H
#define SHIM_QUEUE_OPERATION_H

#include "shim/fd/fdtable.h"
#include "shim/config/reasons.h"
#include "uring/uring.h"

/* The result of an operation that did not run: the call goes direct, for this reason. */
#define DECLINED(reason) (INT_MIN + (int)REASON_##reason)

static inline bool op_was_declined(int res)
{
	return unlikely(res < INT_MIN + (int)REASON_COUNT);
}

static inline enum reason op_decline_reason(int res)
{
	return (enum reason)(res - INT_MIN);
}

/* What the handlers that ran over the operation ask for, if it had no effect. */
enum handler_action {
	HANDLER_NONE,
	HANDLER_RESTART,
	HANDLER_INTERRUPT,
};

/*
 * Operations that are submitted together, and done when all are; their
 * user_data are those that follow the operation's own. fill writes one of their
 * entries, but for user_data: as often as it is asked to, as 64 entries that
 * are kept would be too much for a small stack.
 */
struct batch {
	void (*fill)(const struct batch *batch, unsigned i, struct uring_sqe *sqe);
	const void *what;	/* for fill */
	volatile int *res;	/* set by the contract; BATCH_PENDING: not done */
	unsigned count;		/* at most BATCH_MAX */
	bool any;		/* when one is done, the others are cancelled */
};

enum {
	BATCH_MAX = 64,
	BATCH_PENDING = INT_MIN,
};

struct operation {
	/* Set by the caller; sqe is complete but for user_data. */
	struct uring_sqe sqe;
	fd_info info;		/* what fd was taken for */
	int fd;			/* -1: it uses none */

	/* Set by the contract. */
	volatile int res;
	union {
		uint64_t state;			/* all of these at once; 0 at first */
		struct {
			volatile bool done;
			volatile bool cancelled; /* we asked for its end */
			volatile bool signalled; /* the kernel raised SIGPIPE or SIGXFSZ itself */
			volatile uint8_t handler_action; /* enum verdict */
			bool fd_mismatch;		/* fd is not what it was taken for */
			bool expired;		/* its end was asked for because time was up */
			bool uncancellable;	/* its thread is cancelled, but natively not by now */
		};
	};

	/* From here on all is 0 unless the caller says otherwise. */
	int timeout_option;	/* SO_RCVTIMEO, SO_SNDTIMEO, or 0: not a socket */
	unsigned handlers;	/* thread.handlers when the call began, for what has parts */
	int timeout_errno;		/* errno when time is up or it would block: EAGAIN, ... */
	bool interruptible;		/* may wait for others, and is cancelled by signals */
	bool nonblocking;	/* fd was seen so, and sqe says not to wait */
	bool partly_done;		/* part of the call is done: every signal ends it */
	bool restart_direct;	/* a second operation would not mean the same */
	bool ends_when_stopped;		/* when partly done, a stop of the process ends it too */
	bool runs_in_worker;		/* a worker runs it, and a signal ends nothing until one has begun */
	bool passes_cancellation; /* natively no cancellation point */
	int64_t bound;		/* ns that it may take where no such timeout is set, 0: any time */
	int64_t deadline;	/* when that is reached (CLOCK_MONOTONIC), 0: not known; the contract's */
	struct batch *batch;	/* several operations in place of sqe, or NULL */
	/* It uses the file position, which must be ours to the end, as is told here; or NULL. */
	const fd_slot *position;
};

/* Sets all that the caller has to set but sqe. */
static inline void op_init(struct operation *op, int fd, fd_info info)
{
	op->fd = fd;
	op->info = info;
	__builtin_memset(&op->timeout_option, 0, sizeof(*op) - offsetof(struct operation, timeout_option));
}

#endif

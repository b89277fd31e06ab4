/* SPDX-License-Identifier: MIT */
/*
 * An operation: one call in the form that a ring runs. It holds the submission queue entry, the
 * result, and the properties of the native call that decide how it waits and ends.
 */
#ifndef SHIM_QUEUE_OPERATION_H
#define SHIM_QUEUE_OPERATION_H

#include "shim/fd/fdtable.h"
#include "shim/config/reasons.h"
#include "uring/uring.h"

/* The result of an operation that was declined: its call goes direct, for this reason. */
#define DECLINED(reason) (INT_MIN + (int)REASON_##reason)

static inline bool op_was_declined(int res)
{
	return unlikely(res < INT_MIN + (int)REASON_COUNT);
}

static inline enum reason op_decline_reason(int res)
{
	return (enum reason)(res - INT_MIN);
}

/*
 * The action that the handlers which ran over an operation ask for, in case the operation had no
 * effect.
 */
enum handler_action {
	HANDLER_NONE,
	HANDLER_RESTART,
	HANDLER_INTERRUPT,
};

/*
 * Operations that are submitted together, and are done when all are. Their user_data follow the
 * operation's own. fill writes entry i, except its user_data, and can be called for it any number
 * of times: to keep 64 entries would be too much for a small stack.
 */
struct batch {
	void (*fill)(const struct batch *batch, unsigned i, struct uring_sqe *sqe);
	const void *what;  /* for fill */
	volatile int *res; /* set while it runs; BATCH_PENDING: not done */
	unsigned count;	   /* at most BATCH_MAX */
	bool any;	   /* when one is done, the others are cancelled */
};

enum {
	BATCH_MAX = 64,
	BATCH_PENDING = INT_MIN,
};

/* How far an operation is, and what happened to it. All is 0 at first. */
struct op_status {
	volatile bool done;
	volatile bool cancelled;	 /* the library cancelled it */
	volatile bool signalled;	 /* the kernel raised SIGPIPE or SIGXFSZ itself */
	volatile uint8_t handler_action; /* enum handler_action */
	bool fd_mismatch;		 /* fd is not as expected: the native call decides */
	bool expired;			 /* it was cancelled because its time was up */
	bool uncancellable;		 /* a cancellation is pending that must not end it */
} __attribute__((aligned(8)));		 /* cleared in one store */

struct operation {
	/* Set by the caller. sqe is complete except for user_data. */
	struct uring_sqe sqe;
	fd_info info; /* what the descriptor table said of fd */
	int fd;	      /* -1: it uses none */

	/* Set while it runs (op/). */
	volatile int res;
	struct op_status status;

	/* From here on every field is 0 unless the caller sets it. */
	int timeout_option;	  /* SO_RCVTIMEO, SO_SNDTIMEO; 0: not a socket */
	unsigned handlers;	  /* thread.handlers when the call began; for calls in parts */
	int timeout_errno;	  /* errno when time is up or it would block: EAGAIN, ... */
	bool interruptible;	  /* it can wait for others, and signals cancel it */
	bool nonblocking;	  /* fd is known to be so, and sqe says not to wait */
	bool partly_done;	  /* part of the call is done: every signal ends it */
	bool restart_direct;	  /* to restart, go direct: a second operation is not the same */
	bool ends_when_stopped;	  /* when partly done, a stop of the process ends it too */
	bool runs_in_worker;	  /* a worker runs it; a signal ends nothing before it has begun */
	bool passes_cancellation; /* the native call is no cancellation point */
	int64_t bound;		  /* time limit in ns if the socket has no timeout; 0: none */
	int64_t deadline;	  /* end of bound (CLOCK_MONOTONIC), set by op/; 0: not known */
	struct batch *batch;	  /* several operations in place of sqe, or NULL */
	/* fd's table slot if op uses a file position that must stay private to the end, or NULL. */
	const fd_slot *position;
};

/* Sets every field that the caller has to set, except sqe. */
static inline void op_init(struct operation *op, int fd, fd_info info)
{
	op->fd = fd;
	op->info = info;
	__builtin_memset(&op->timeout_option, 0,
			 sizeof(*op) - offsetof(struct operation, timeout_option));
}

#endif

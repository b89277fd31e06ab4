/* SPDX-License-Identifier: MIT */
/*
 * How an operation in flight is ended before its time: by a cancellation on the ring, by waiting
 * for it, or, where the ring is gone, by giving it up.
 */
#include <sys/mman.h>
#include "shim/base/sys.h"
#include "shim/op/end-operation.h"
#include "shim/iowq/ops.h"

COLD void op_abandon(struct operation *op)
{
	if (op->status.done)
		return;
	op->res = DECLINED(NO_RING);
	op->status.done = true;
}

COLD void op_abandon_in_child(struct thread *thread, struct operation *op)
{
	struct uring_sq *sq = &thread->ring.sq;

	/* The interrupted code can hold pointers into the ring. */
	sys6(SYS_mmap, (long)sq->map, (long)sq->map_size, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	op_abandon(op);
}

void op_wake_wait(struct thread *thread)
{
	struct uring_sqe nop = { .opcode = URING_OP_NOP };

	queue_submit_own(thread, &nop);
}

/*
 * Has a frame of its own, which is gone during the wait that follows: a handler's stack can be
 * small.
 */
static __attribute__((noinline)) void submit_cancel(struct thread *thread, uint64_t user_data,
						    unsigned flags)
{
	const struct uring_sqe sqe = {
		.opcode = URING_OP_ASYNC_CANCEL,
		.addr = user_data,
		.cancel_flags = flags,
	};

	queue_submit_own(thread, &sqe);
}

/*
 * Cancels until all is done: when a link of a chain ends, the next one starts, possibly after the
 * cancellation.
 */
static COLD void end_batch(struct thread *thread, struct operation *op)
{
	op->status.cancelled = true;
	while (!cq_reap(thread, op)) {
		submit_cancel(thread, 0, URING_ASYNC_CANCEL_ALL | URING_ASYNC_CANCEL_ANY);
		queue_wait(thread, 0, 0, NULL);
	}
}

static void cancel_or_await(struct thread *thread, struct operation *op)
{
	const struct uring_timespec soon = { .tv_nsec = 2000000 };
	const struct uring_getevents_arg arg = { .ts = (uintptr_t)&soon };

	if (cq_reap(thread, op))
		return;
	if (op->batch)
		return end_batch(thread, op);
	op->status.cancelled = op->interruptible || op->status.fd_mismatch;
	/* A worker that is only about to wait misses a cancellation, so it is repeated. */
	while (!cq_reap(thread, op)) {
		if (op->status.cancelled)
			submit_cancel(thread, op->sqe.user_data, 0);
		/* The cancellation has a completion of its own, which comes first. */
		if (op->status.cancelled)
			queue_wait(thread, 2, URING_ENTER_EXT_ARG, &arg);
		else
			queue_wait(thread, 1, 0, NULL);
	}
}

void op_end_in_flight(struct thread *thread, struct operation *op)
{
	cancel_or_await(thread, op);
	iowq_note_file(thread, op);
}

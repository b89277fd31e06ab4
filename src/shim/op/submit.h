/* SPDX-License-Identifier: MIT */
/*
 * Runs one operation to its end: submits it, waits as the native call would, and ends it when a
 * signal, a timeout or a cancellation of the thread asks for that. Nothing else submits operations.
 * The fast path, for an operation that is done in its submission, is inline: each return after a
 * system call is mispredicted and costs about 8 ns.
 */
#ifndef SHIM_OP_SUBMIT_H
#define SHIM_OP_SUBMIT_H

#include "shim/base/clock.h"
#include "shim/queue/queue.h"
#include "shim/op/cancellation.h"
#include "shim/op/end-operation.h"
#include "shim/queue/prepare-flags.h"
#include "shim/queue/operation.h"
#include "shim/ring/thread.h"
#include "shim/op/recheck-timer.h"

/*
 * Returns true if op does not need a file position of the process's own. Otherwise declines op and
 * returns false.
 */
bool op_has_no_position(struct operation *op);

/*
 * Returns true if op can still be submitted, else declines it. A handler gives up the position
 * lock while it runs, so the file position that op uses can have become shared meanwhile.
 */
static inline bool op_has_position(struct operation *op)
{
	const fd_slot *position = op->position;

	if (likely(position &&
		   fd_has_private_position(atomic_load_explicit(position, memory_order_relaxed))))
		return true;
	return op_has_no_position(op);
}

/* Returns true if op's socket has a timeout. A call on such a socket is never restarted. */
bool op_has_timeout(const struct operation *op);

/*
 * Returns true if op receives a message on a stream into buffers of length 0. On TCP the native
 * call then returns 0, whatever ends its wait.
 */
bool op_has_no_room(const struct operation *op);

/*
 * Call after op was ended in flight. If it waited for something that cannot come, the native call
 * decides its result.
 */
void op_note_vain_wait(struct operation *op);

/* If the thread is cancelled, releases what it has locked for op and ends the thread. */
void op_testcancel(struct operation *op);

/*
 * Returns res, or -EINTR if it is one of the kernel's internal errors (512 to 516), which a worker
 * that was interrupted can report.
 */
static inline int op_iowq_result(int res)
{
	enum { FIRST_OWN = 512, LAST_OWN = 516 };

	return res <= -FIRST_OWN && res >= -LAST_OWN ? -EINTR : res;
}

/* Slow path for batches, and for all operations on a ring with a polling thread. */
void op_submit_special(struct thread *thread, struct operation *op);

/*
 * Slow path of an operation that is not done: submits its entries, unless the kernel has already
 * answered a submission with ret, and waits. wait: the submission waits, or has waited, for op.
 */
void op_wait_slow(struct thread *thread, struct operation *op, unsigned wait, int ret);

/* Returns one of 64 bits, which stands for this kind of operation on this kind of file. */
static inline uint64_t op_wait_bit(const struct operation *op)
{
	return 1ull << (op->sqe.opcode + 16 * fd_kind(op->info)) % 64;
}

/*
 * Returns true if the submission of op is to wait for it, because one of its kind had to wait.
 * That holds until the recheck timer fires, which also ends this wait in time.
 */
static inline bool op_will_wait(struct thread *thread, const struct operation *op)
{
	return unlikely(thread->had_to_wait & op_wait_bit(op)) && !op->bound &&
		recheck_timer_ensure(thread);
}

static inline void op_leave(struct thread *thread)
{
	thread->phase = PHASE_IDLE;
	signal_fence();
	thread->op = NULL;
}

/*
 * Returns true if the thread's ring may still be entered, now that other threads can see op. A
 * thread that installs a filter for all threads blocks rings, makes every thread pass a barrier,
 * and then waits for those that have an operation. A thread that had only checked the epoch before
 * the block sees the block here.
 */
static inline bool op_can_begin(struct thread *thread, struct operation *op)
{
	if (likely(thread->epoch == epoch_current()))
		return true;
	op_abandon(op);
	op_leave(thread);
	return false;
}

/*
 * Writes the only entry of op and publishes it. at_position: op may use the file position. Returns
 * false if op is over, because the ring or the position can no longer be used.
 */
static ALWAYS_INLINE bool op_begin(struct thread *thread, struct operation *op, bool at_position)
{
	op->sqe.user_data = ++thread->last_user_data;
	thread->phase = PHASE_FILLING;
	signal_fence();
	thread->op = op;
	signal_fence();
	if (!op_can_begin(thread, op))
		return false;
	sq_fill_one(thread, op);
	sq_publish(thread, 1);
	thread->phase = PHASE_SUBMITTED;
	signal_fence();
	if (!at_position || likely(op_has_position(op)))
		return true;
	sq_retract(thread, op);
	op_leave(thread);
	return false;
}

/* Submits op, which is alone on the ring, and returns when it is done. */
static ALWAYS_INLINE void op_submit_single(struct thread *thread, struct operation *op,
					   bool at_position)
{
	bool wait = op_will_wait(thread, op);
	int ret = 0;

	if (!op_begin(thread, op, at_position))
		return;
	if (likely(!wait)) {
		ret = queue_submit(thread, 1, 0, 0);
		if (likely(ret > 0 && cq_reap(thread, op))) {
			thread->last_outcome = OUTCOME_AT_ONCE;
			return op_leave(thread);
		}
	}
	op_wait_slow(thread, op, wait, ret);
}

/* Submits op and returns when it is done. op may use the file position only with at_position. */
static ALWAYS_INLINE void op_submit_and_wait(struct thread *thread, struct operation *op,
					     bool at_position)
{
	if (unlikely(op->batch || queue_is_polled(thread)))
		op_submit_special(thread, op);
	else
		op_submit_single(thread, op, at_position);
}

/*
 * Does what op_submit_and_wait() does, in a thread that asked to be cancelled at any instruction. A
 * cancellation ends the operation in flight.
 */
void op_submit_with_cleanup(struct thread *thread, struct operation *op);

#endif

/*
 * Runs one operation to its end: submits it, waits as the native call would,
 * and ends it where a signal, a timeout or a cancellation of the thread asks
 * for that. The only place that submits.
 *
 * The short way, of what is done when it has been submitted, is inline: each
 * return behind a system call is mispredicted, and costs some 8 ns.
 */
#ifndef SHIM_OP_SUBMIT_H
#define SHIM_OP_SUBMIT_H

#include "shim/queue/queue.h"
#include "shim/op/cancellation.h"
#include "shim/queue/precheck.h"
#include "shim/queue/operation.h"
#include "shim/ring/thread.h"
#include "shim/op/recheck-timer.h"

/* On the monotonic clock, in ns. */
int64_t monotonic_now(void);

/* Whether op does not depend on the file position being ours; if it does, declines it. */
bool op_has_no_position(struct operation *op);

/*
 * Whether op may still be submitted: the file position that it uses may have
 * been shared while a handler ran, which gives up the lock. Declines it if not.
 */
static inline bool op_has_position(struct operation *op)
{
	const fd_slot *position = op->position;

	if (likely(position && fd_has_private_position(atomic_load_explicit(position,
									 memory_order_relaxed))))
		return true;
	return op_has_no_position(op);
}

/* Whether op's socket has a timeout: a call on it is never restarted. */
bool op_has_timeout(const struct operation *op);

/*
 * For a handler that interrupts, with all signals blocked: ends the operation
 * in flight, by cancelling it where the native call would be interrupted, else
 * by waiting for it.
 */
void op_interrupt(struct thread *thread, struct operation *op);

/*
 * Returns true if op receives a message on a stream and has room for nothing: natively,
 * on TCP, whatever ends the wait ends the call with 0.
 */
bool op_has_no_room(const struct operation *op);

/* op was in flight and was ended: if it waited for what cannot come, the native call is asked. */
void op_note_vain_wait(struct operation *op);

/* Makes the next wait return at once: the operation it waits for is over. */
void op_wake_wait(struct thread *thread);

/* op will not run any more: it has the result it had, if it had ended, or is to be made directly. */
void op_abandon(struct operation *op);

/*
 * Likewise in a child that was forked by a handler over op: the ring stayed with
 * the parent. Puts empty memory in its place.
 */
void op_abandon_in_child(struct thread *thread, struct operation *op);

/* Ends the thread if it is cancelled, and what it has locked for op. */
void op_testcancel(struct operation *op);

/* A worker that was interrupted may answer with an error of the kernel's own: as EINTR. */
static inline int op_iowq_result(int res)
{
	enum { FIRST_OWN = 512, LAST_OWN = 516 };

	return res <= -FIRST_OWN && res >= -LAST_OWN ? -EINTR : res;
}

/* The long way of operations that are several, or that a thread of the kernel polls for. */
void op_submit_special(struct thread *thread, struct operation *op);

/*
 * What is left of a call that is not done: to submit its entries, unless the
 * kernel has answered a submission already with ret, and to wait.
 */
void op_wait_slow(struct thread *thread, struct operation *op, unsigned wait, int ret);

/* One of 64 bits for a kind of operation on a kind of file. */
static inline uint64_t op_wait_bit(const struct operation *op)
{
	return 1ull << (op->sqe.opcode + 16 * fd_kind(op->info)) % 64;
}

/*
 * Whether to wait for op in the submission: the last one of its kind was not done
 * without. That lasts for a tick, which also ends the wait in time.
 */
static inline bool op_will_wait(struct thread *thread, const struct operation *op)
{
	return unlikely(thread->had_to_wait & op_wait_bit(op)) && !op->bound && recheck_timer_ensure(thread);
}

static inline void op_leave(struct thread *thread)
{
	thread->phase = PHASE_IDLE;
	signal_fence();
	thread->op = NULL;
}

/*
 * Returns true if the thread's ring may still be entered, now that others can see op. A
 * thread that installs a filter for all blocks rings, makes every thread pass a barrier
 * and then waits for those with an operation: one that had only looked before sees it here.
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
 * Writes the one entry of op and shows it to the kernel. at_position: op may use
 * the file position; if it is not due any more, it is over.
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
static ALWAYS_INLINE void op_submit_single(struct thread *thread, struct operation *op, bool at_position)
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

/* Submits op, which may use the file position only with at_position, and returns when it is done. */
static ALWAYS_INLINE void op_submit_and_wait(struct thread *thread, struct operation *op, bool at_position)
{
	if (unlikely(op->batch || queue_is_polled(thread)))
		op_submit_special(thread, op);
	else
		op_submit_single(thread, op, at_position);
}

/*
 * As drive, in a thread that asked to be cancelled at any instruction: ends what
 * is in flight then.
 */
void op_submit_with_cleanup(struct thread *thread, struct operation *op);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The submission and completion queue of the calling thread's ring: fills, publishes, retracts and
 * submits entries, waits for completions and reaps them. A handler that does the same can come
 * between any two instructions.
 */
#ifndef SHIM_QUEUE_QUEUE_H
#define SHIM_QUEUE_QUEUE_H

#include "shim/base/signal-atomic.h"
#include "shim/queue/operation.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"

/* user_data of entries that the library submits for itself; operations count from 1. */
#define USER_DATA_OWN 0ull
#define USER_DATA_RECHECK UINT64_MAX

static inline int queue_enter(struct thread *thread, unsigned submit, unsigned wait, unsigned flags,
			      const void *arg, size_t size)
{
	return (int)sys_call6(SYS_io_uring_enter, thread->queues.enter_fd, submit, wait,
			      thread->queues.enter_flags | flags, (long)arg, (long)size);
}

/*
 * Submits count published entries and waits, as flags say, for the number of completions in wait.
 * With wait 0 it does not look at completions: that would cost a tenth of a short operation, and
 * helps only operations that are not done by then.
 */
static inline int queue_submit(struct thread *thread, unsigned count, unsigned wait, unsigned flags)
{
	return queue_enter(thread, count, wait, wait ? URING_ENTER_GETEVENTS | flags : 0, NULL, 0);
}

/* Waits, as flags and arg say, for the number of completions in wait. */
static inline int queue_wait(struct thread *thread, unsigned wait, unsigned flags,
			     const struct uring_getevents_arg *arg)
{
	return queue_enter(thread, 0, wait, URING_ENTER_GETEVENTS | flags, arg,
			   arg ? sizeof(*arg) : 0);
}

/* The recheck timer fired: forgets which kinds of operation had to wait. */
static inline void recheck_timer_expire(struct thread *thread)
{
	thread->recheck_armed = false;
	thread->had_to_wait = 0;
}

/* Returns true if a polling thread of the kernel takes entries as soon as they are published. */
static inline bool queue_is_polled(const struct thread *thread)
{
	return unlikely(thread->queues.polled);
}

static inline uint32_t sq_load_tail(const struct thread *thread)
{
	return __atomic_load_n(thread->queues.sq_tail, __ATOMIC_RELAXED);
}

/* Returns the number of published entries that the kernel has not taken. */
static inline unsigned sq_count_pending(const struct thread *thread)
{
	return sq_load_tail(thread) - __atomic_load_n(thread->queues.sq_head, __ATOMIC_RELAXED);
}

/*
 * Returns true if the kernel has the entries of the thread's operation, or a polling thread can
 * take them at any moment.
 */
static inline bool queue_may_be_taken(const struct thread *thread)
{
	return thread->phase == PHASE_SUBMITTED ||
		(thread->phase == PHASE_PUBLISHING && sq_load_tail(thread) != thread->sq_base);
}

static inline unsigned op_entry_count(const struct operation *op)
{
	return unlikely(op->batch != NULL) ? op->batch->count : 1;
}

static inline struct uring_sqe *sq_slot(struct thread *thread, uint32_t at)
{
	const struct queues *queues = &thread->queues;

	return &queues->sqes[at & queues->sq_mask];
}

/* Returns the slot from which the next entry is published. */
static inline struct uring_sqe *sq_next_slot(struct thread *thread)
{
	return sq_slot(thread, sq_load_tail(thread));
}

void sq_fill_batch(struct thread *thread, struct operation *op);

/*
 * Writes op's only entry to the slot from which it is published. If a handler moves the tail
 * meanwhile, it writes the entry at the new tail itself, and what is still written here is in a
 * slot that nobody reads.
 */
static inline void sq_fill_one(struct thread *thread, const struct operation *op)
{
	*sq_next_slot(thread) = op->sqe;
	signal_fence();
}

/* Writes op's entries to the slots from which they are published. */
static inline void sq_fill(struct thread *thread, struct operation *op)
{
	if (unlikely(op->batch != NULL))
		sq_fill_batch(thread, op);
	else
		sq_fill_one(thread, op);
}

/*
 * Publishes count entries in one atomic step, because a handler that submits can come between. The
 * queue must get longer by count, wherever it begins by then.
 */
static inline void sq_publish(struct thread *thread, unsigned count)
{
	signal_atomic_add(thread->queues.sq_tail, count);
}

/* Returns true if the polling thread sleeps. It takes no entries until it is woken. */
static inline bool queue_poller_is_asleep(const struct thread *thread)
{
	return __atomic_load_n(thread->ring.sq.flags, __ATOMIC_RELAXED) & URING_SQ_NEED_WAKEUP;
}

/* Wakes the polling thread if it sleeps. */
static inline void queue_wake_poller(struct thread *thread)
{
	if (!queue_is_polled(thread))
		return;
	/* The tail must be written before the flag is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (queue_poller_is_asleep(thread))
		queue_enter(thread, 0, 0, URING_ENTER_SQ_WAKEUP, NULL, 0);
}

static inline void cpu_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#elif defined(__riscv)
	/* pause, which old assemblers do not know, and old processors take for a fence */
	__asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010");
#endif
}

/*
 * Retracts op's entries that are published but not taken. Returns true if there were such entries.
 * If the kernel has taken some entries of a batch, the others get the result -ECANCELED, and the
 * function returns false. Does nothing on a ring with a polling thread.
 */
bool sq_retract(struct thread *thread, struct operation *op);

/*
 * Waits until the polling thread, if there is one, has left room for count entries. It can be late
 * in taking entries that the library submitted for itself. An entry that is written over one of
 * those would be run twice.
 */
void sq_wait_for_room(struct thread *thread, unsigned count);

/*
 * Submits an entry of the library's own, whose user_data is one of the above. Returns true if the
 * kernel has it. The caller has blocked signals, as no handler may come between.
 */
bool queue_submit_own(struct thread *thread, const struct uring_sqe *sqe);

/* Records the completion of one operation of a batch. */
void cq_note_batch(struct operation *op, uint64_t user_data, int res);

/*
 * Reaps completions up to op's. Returns true if op is done. A handler that reaps can come between
 * any two steps. So the other fields are read before the user_data that proves them, and the head
 * moves only if it is still where it was seen.
 */
static inline bool cq_reap(struct thread *thread, struct operation *op)
{
	const struct queues *queues = &thread->queues;

	for (;;) {
		uint32_t head = __atomic_load_n(queues->cq_head, __ATOMIC_RELAXED);
		const struct uring_cqe *cqe = &queues->cqes[head & queues->cq_mask];
		uint64_t user_data;
		int res;

		if (head == __atomic_load_n(queues->cq_tail, __ATOMIC_ACQUIRE))
			return op->status.done;
		res = __atomic_load_n(&cqe->res, __ATOMIC_RELAXED);
		signal_fence();
		user_data = __atomic_load_n(&cqe->user_data, __ATOMIC_RELAXED);
		if (likely(user_data == op->sqe.user_data)) {
			op->res = res;
			signal_fence();
			op->status.done = true;
			signal_atomic_replace(queues->cq_head, head, head + 1);
			return true;
		}
		if (user_data == USER_DATA_RECHECK)
			recheck_timer_expire(thread);
		else if (op->batch)
			cq_note_batch(op, user_data, res);
		signal_atomic_replace(queues->cq_head, head, head + 1);
	}
}

#endif

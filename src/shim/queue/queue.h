/*
 * An operation's entries on the calling thread's ring: shown to the kernel,
 * taken back, and their completions. A handler that does the same may come
 * between any two instructions.
 */
#ifndef SHIM_QUEUE_QUEUE_H
#define SHIM_QUEUE_QUEUE_H

#include "shim/base/signal-atomic.h"
#include "shim/queue/operation.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"

/* user_data of what we submit for ourselves; operations count from 1. */
#define USER_DATA_OWN 0ull
#define USER_DATA_RECHECK UINT64_MAX

static inline int queue_enter(struct thread *thread, unsigned submit, unsigned wait,
				unsigned flags, const void *arg, size_t size)
{
	return (int)sys_call6(SYS_io_uring_enter, thread->queues.enter_fd, submit, wait,
			 thread->queues.enter_flags | flags, (long)arg, (long)size);
}

/*
 * Submits what is shown, and waits for so many completions as flags say. To look at completions costs a tenth of a short
 * operation more, and is of use only to those that are not done by then.
 */
static inline int queue_submit(struct thread *thread, unsigned count, unsigned wait,
				 unsigned flags)
{
	return queue_enter(thread, count, wait, wait ? URING_ENTER_GETEVENTS | flags : 0, NULL, 0);
}

/* Waits for so many completions, as flags and arg say. */
static inline int queue_wait(struct thread *thread, unsigned wait, unsigned flags,
				const struct uring_getevents_arg *arg)
{
	return queue_enter(thread, 0, wait, URING_ENTER_GETEVENTS | flags, arg,
			     arg ? sizeof(*arg) : 0);
}

/* What had to wait is asked anew. */
static inline void recheck_timer_expire(struct thread *thread)
{
	thread->recheck_armed = false;
	thread->had_to_wait = 0;
}

/* Whether a thread of the kernel takes entries as soon as they are shown. */
static inline bool queue_is_polled(const struct thread *thread)
{
	return unlikely(thread->queues.polled);
}

static inline uint32_t sq_load_tail(const struct thread *thread)
{
	return __atomic_load_n(thread->queues.sq_tail, __ATOMIC_RELAXED);
}

/* How many entries are shown that the kernel has not taken. */
static inline unsigned sq_count_pending(const struct thread *thread)
{
	return sq_load_tail(thread) - __atomic_load_n(thread->queues.sq_head, __ATOMIC_RELAXED);
}

/* Whether the polling thread has op's entries, or may take them at any moment. */
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

/* Where the next entry is shown. */
static inline struct uring_sqe *sq_next_slot(struct thread *thread)
{
	return sq_slot(thread, sq_load_tail(thread));
}

void sq_fill_batch(struct thread *thread, struct operation *op);

/*
 * Writes op's one entry to where it will be shown. If a handler moves the tail meanwhile it
 * writes the entry there, and what is still written here is where nobody looks.
 */
static inline void sq_fill_one(struct thread *thread, const struct operation *op)
{
	*sq_next_slot(thread) = op->sqe;
	signal_fence();
}

/* Writes op's entries to where they will be shown. */
static inline void sq_fill(struct thread *thread, struct operation *op)
{
	if (unlikely(op->batch != NULL))
		sq_fill_batch(thread, op);
	else
		sq_fill_one(thread, op);
}

/*
 * Atomic, as a handler that submits may come between: what counts is that the
 * queue is so much longer than before, wherever it begins by then.
 */
static inline void sq_publish(struct thread *thread, unsigned count)
{
	signal_atomic_add(thread->queues.sq_tail, count);
}

/* Returns true if the polling thread sleeps, and takes no entries until it is woken. */
static inline bool queue_poller_is_asleep(const struct thread *thread)
{
	return __atomic_load_n(thread->ring.sq.flags, __ATOMIC_RELAXED) & URING_SQ_NEED_WAKEUP;
}

/* Wakes the polling thread if it sleeps. */
static inline void queue_wake_poller(struct thread *thread)
{
	if (!queue_is_polled(thread))
		return;
	/* The tail is written before the flag is read. */
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
#endif
}

/*
 * Takes op's entries back if they are shown but not taken. Whether they were;
 * those of a batch of which some are in flight are done: cancelled.
 */
bool sq_retract(struct thread *thread, struct operation *op);

/*
 * Waits until the polling thread, if there is one, has left room for so many entries.
 * It may not have taken what was submitted for ourselves: an entry that is written over
 * one of those would be run twice.
 */
void sq_wait_for_room(struct thread *thread, unsigned count);

/*
 * Submits an entry for ourselves, whose user_data is one of the above. Whether
 * the kernel has it. No handler may come between.
 */
bool queue_submit_own(struct thread *thread, const struct uring_sqe *sqe);

/* Takes note of one completion. */
void cq_note_batch(struct operation *op, uint64_t user_data, int res);

/*
 * Takes completions up to op's; whether op is done. A handler that reaps may
 * come between any two steps: the fields are read before the user_data that
 * proves them, and the head moves only from where it was seen.
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
			return op->done;
		res = __atomic_load_n(&cqe->res, __ATOMIC_RELAXED);
		signal_fence();
		user_data = __atomic_load_n(&cqe->user_data, __ATOMIC_RELAXED);
		if (likely(user_data == op->sqe.user_data)) {
			op->res = res;
			signal_fence();
			op->done = true;
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

/* SPDX-License-Identifier: MIT */
/*
 * The state of the calling thread: its ring, and the operation on it. A signal handler can
 * interrupt anything here at any instruction and then make calls of its own. So every change of a
 * queue index is one atomic step, and phase and op are written in the order that op/interrupt.c
 * relies on.
 */
#ifndef SHIM_RING_THREAD_H
#define SHIM_RING_THREAD_H

#include "shim/ring/position-lock.h"
#include "shim/ring/process.h"
#include "uring/uring.h"

struct operation;
struct wait_place;

enum phase {
	PHASE_IDLE,
	PHASE_FILLING,	  /* op is set; its entry can be half written or published */
	PHASE_PUBLISHING, /* batch or SQPOLL: published if the tail is not at sq_base */
	PHASE_SUBMITTED,  /* the entry is published; consumed once the queue is empty */
};

/* How the last operation went, mostly for auto (route/route-auto.h). */
enum outcome {
	OUTCOME_AT_ONCE,
	OUTCOME_BY_WORKER,
	OUTCOME_WAITED,
};

/* The fields of ring that every ring call needs, side by side: a little over one cache line. */
struct queues {
	uint32_t *sq_tail, *sq_head;
	struct uring_sqe *sqes;
	uint32_t *cq_tail, *cq_head;
	const struct uring_cqe *cqes;
	uint32_t sq_mask, cq_mask;
	int enter_fd;
	uint32_t enter_flags;
	uint32_t sleep_flags; /* added to interruptible waits, which are not for I/O */
	bool polled;	      /* SQPOLL: the kernel takes entries once published */
};

/* The indices of an empty queue. */
struct empty_queue {
	uint32_t sq_tail, sq_head, cq_tail, cq_head;
};

struct thread {
	uint32_t epoch; /* of the ring; EPOCH_NONE: no ring */
	volatile enum phase phase;
	struct operation *volatile op;
	uint64_t last_user_data; /* user_data of the last operation */
	uint64_t had_to_wait;	 /* op_wait_bit()s that waited since the timer last fired */
	volatile int position;	 /* position lock wanted or held, or POSITION_NONE */
	unsigned vfork_depth;	 /* not 0: a vfork child runs this, on its parent's memory */
	enum outcome last_outcome;
	bool recheck_armed;	     /* the recheck timer runs (op/recheck-timer.h) */
	bool cancels_asynchronously; /* it asked to be cancelled at any instruction */
	struct queues queues;
	struct uring ring;
	unsigned waits_since_recheck; /* operations that waited since the timer was last armed */
	uint32_t id;		      /* gettid(); 0: not asked for yet */
	uint32_t ring_tid;	      /* tid of the thread that created ring; 0: no ring */
	unsigned handlers;	      /* how many of the program's handlers have run on it */
	uint32_t sq_base;	      /* the tail before op's entries, from PHASE_PUBLISHING on */
	unsigned calls_past_stale;    /* go direct before its old workers are looked for; 0: none */
	uint64_t iowq_user_data;      /* last operation whose file may still be held; 0: none */
	volatile bool dropping_files; /* it enters its ring to drop files, with signals blocked */
	unsigned detours;	      /* calls sent direct by auto since it last tried the ring */
	int64_t since;		      /* when the last operation began (monotonic ns), for auto */
	uint32_t hidden_epoch;	      /* epoch, saved while a vfork child runs */
	uint32_t kept_epoch;	      /* epoch, saved while a handler runs on a small stack */
	uintptr_t small_stack, small_end; /* the bounds of that stack; small_end 0: none */
	struct thread *next, *previous;	  /* in the list of threads that have a ring */
	struct empty_queue empty_queue;	  /* what queues points to once the ring is gone */
	bool has_child_mark;	 /* its wait is counted in child_mark_self (child-marks.h) */
	bool may_have_workers;	 /* the kernel may have made workers for ring */
	bool ring_refused;	 /* the kernel gave no ring: do not ask again */
	bool ending;		 /* its thread-specific destructors have run */
	volatile bool cancelled; /* pthread_cancel() was called for it */
	pthread_t pthread;	 /* the thread that created ring */
	/* What the statistics have counted already (route/stats.h), and where it says that it waits. */
	uint64_t noted_user_data;
	uint32_t noted_epoch;
	uint16_t counted_call,
		counted_reason; /* the direct call that stats_attend() is called for */
	struct wait_place *wait_place;
} __attribute__((aligned(64)));

extern __thread struct thread thread_self INITIAL_EXEC;

/* Returns true in a vfork child, which runs on its parent's memory. */
static inline bool thread_is_vfork_child(void)
{
	return unlikely(thread_self.vfork_depth);
}

/* Call these around the life of a vfork child, which runs as this thread, without its ring. */
void thread_hide_ring(struct thread *thread);
void thread_show_ring(struct thread *thread);

/*
 * Call these around a handler on a stack that is too small for an operation: its calls go direct.
 * If the handler never returns, the next call on another stack notices that. The first returns
 * false if an outer handler has called it already; then do not call the second.
 */
bool thread_enter_small_stack(struct thread *thread, uintptr_t from, uintptr_t to);
void thread_leave_small_stack(struct thread *thread);

/* The slow paths of thread_find_refusal() and thread_ensure_ring(). */
enum reason thread_find_refusal_slow(struct thread *thread);
bool thread_make_ring(struct thread *thread);

/*
 * Returns REASON_RING if the calling thread may submit, or the reason why not, as far as can be
 * told without making its ring.
 */
static inline enum reason thread_find_refusal(struct thread *thread)
{
	if (unlikely(thread->epoch != epoch_current()))
		return thread_find_refusal_slow(thread);
	if (unlikely(thread->op != NULL))
		return REASON_NESTED;
	return REASON_RING;
}

/* Notes that pthread_cancel() was called for a thread. Only threads with a ring are known. */
void thread_note_cancelled(pthread_t pthread);

/* For a thread that may submit: makes its ring if it has none. Returns true if it has one. */
static inline bool thread_ensure_ring(struct thread *thread)
{
	return likely(thread->epoch == epoch_current()) || thread_make_ring(thread);
}

/*
 * Returns true if the ring takes a batch of count operations. Kernels before 6.0, which have no
 * SINGLE_ISSUER, cannot cancel everything that is in flight.
 */
static inline bool thread_can_take_batch(const struct thread *thread, unsigned count)
{
	return count == 1 ||
		(thread->ring.flags & URING_SETUP_SINGLE_ISSUER &&
		 count <= thread->ring.sq.entries);
}

/* Returns the tid, or 1 if gettid() is forbidden: no other thread holds a position lock then. */
uint32_t thread_id(struct thread *thread);

/*
 * Returns true if the calling thread has a ring of its own. In a forked child the ring is the
 * parent's.
 */
bool thread_owns_ring(const struct thread *thread);

/* Destroys the ring, its mappings and its descriptor, if it has any. */
void thread_release(struct thread *thread);

/*
 * Call when the ring has failed for good: the thread goes direct from now on. The ring stays mapped
 * for code that a handler has interrupted.
 */
void thread_disable_ring(struct thread *thread);

/*
 * Makes every other thread that has an operation in flight run handler, which ends it. Call
 * rings_block() before, so that no thread enters its ring any more.
 */
void thread_signal_others(void (*handler)(int sig));

/* Returns a real-time signal that the program does not use now (it is SIG_DFL), or 0. */
int thread_find_spare_signal(void);

/* Call in a forked child: it has no other threads, and the ring is its parent's. */
void thread_reset_in_child(void);

/* Call once, before any ring is made. before_release runs before a thread's ring is destroyed. */
void thread_start(void (*before_release)(struct thread *thread));

#endif

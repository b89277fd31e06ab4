/*
 * The state of the calling thread: its ring, and the operation on it.
 *
 * A signal handler may interrupt anything here at any instruction and then make
 * calls of its own, so every change of a queue index is one atomic step, and
 * phase and op are written in the order in which interrupt.c needs to find them.
 */
#ifndef SHIM_RING_THREAD_H
#define SHIM_RING_THREAD_H

#include "shim/ring/position-lock.h"
#include "shim/ring/process.h"
#include "uring/uring.h"

struct operation;

enum phase {
	PHASE_IDLE,
	PHASE_FILLING,		/* op is set, its entry may be half written or shown */
	PHASE_PUBLISHING,		/* where a poller takes entries: shown if the tail is not at base */
	PHASE_SUBMITTED,	/* the entry is shown, and consumed once the queue is empty */
};

/* How the last operation went, where that is of interest (learn.h). */
enum outcome {
	OUTCOME_AT_ONCE,
	OUTCOME_BY_WORKER,
	OUTCOME_WAITED,
};

/* What a call by ring needs of ring, side by side: a cache line and a bit. */
struct queues {
	uint32_t *sq_tail, *sq_head;
	struct uring_sqe *sqes;
	uint32_t *cq_tail, *cq_head;
	const struct uring_cqe *cqes;
	uint32_t sq_mask, cq_mask;
	int enter_fd;
	uint32_t enter_flags;
	uint32_t sleep_flags;		/* besides, to sleep for others: it is no wait for I/O */
	bool polled;			/* a thread of the kernel takes entries as they are shown */
};

/* The indices of an empty queue. */
struct empty_queue {
	uint32_t sq_tail, sq_head, cq_tail, cq_head;
};

struct thread {
	uint32_t epoch;			/* of the ring; EPOCH_NONE: no ring */
	volatile enum phase phase;
	struct operation *volatile op;
	uint64_t last_user_data;			/* the last operation's user_data */
	uint64_t had_to_wait;			/* what has had to wait since the last tick (drive.h) */
	volatile int position;		/* lock wanted or held, or POSITION_NONE */
	unsigned vfork_depth;		/* this runs in another process on our memory */
	enum outcome last_outcome;
	bool recheck_armed;			/* a tick is under way (tick.h) */
	bool cancels_asynchronously;		/* it asked to be cancelled at any instruction */
	struct queues queues;
	struct uring ring;
	unsigned waits_since_recheck;		/* operations that waited since the last tick was set */
	uint32_t id;			/* gettid(), once it was of interest */
	uint32_t ring_tid;			/* gettid() of the thread that made ring, 0: there is none */
	unsigned handlers;		/* of the program that have run over this thread */
	uint32_t sq_base;			/* the tail before op's entries, from PHASE_PUBLISHING on */
	uint64_t iowq_user_data;		/* the last one's whose file a worker may hold, or 0 (iowq-files.h) */
	volatile bool dropping_files;		/* it enters its ring for that, with signals blocked */
	unsigned detours;		/* since auto last looked again */
	int64_t since;			/* when the last operation began, for auto */
	uint32_t hidden_epoch;		/* era, meanwhile */
	uint32_t kept_epoch;		/* era, while a handler runs on a small stack */
	uintptr_t small_stack, small_end; /* where that lies, or 0 */
	struct thread *next, *previous;	/* of those that have a ring */
	struct empty_queue empty_queue;		/* what queues shows when there is no ring any more */
	bool has_child_mark;			/* its process is marked as waiting on a ring (children.h) */
	bool may_have_workers;		/* the kernel may have made workers for ring (iowq.h) */
	bool ring_refused;			/* the kernel gave no ring: do not ask again */
	bool ending;			/* destructors have run */
	volatile bool cancelled;	/* pthread_cancel was called for it */
	pthread_t pthread;		/* the thread that made ring */
} __attribute__((aligned(64)));

extern __thread struct thread thread_self INITIAL_EXEC;

/* Whether we are a vfork child, which runs on its parent's memory. */
static inline bool thread_is_vfork_child(void)
{
	return unlikely(thread_self.vfork_depth);
}

/* Around the life of a vfork child: it runs as this thread, without its ring. */
void thread_hide_ring(struct thread *thread);
void thread_show_ring(struct thread *thread);

/*
 * Around a handler on a stack that is too small for an operation: its calls go
 * direct. One that never returns is noticed by the next call. Returns false when
 * a handler below has done so already.
 */
bool thread_enter_small_stack(struct thread *thread, uintptr_t from, uintptr_t to);
void thread_leave_small_stack(struct thread *thread);

/* The parts of the two below that are seldom needed. */
enum reason thread_check_ring(struct thread *thread);
bool thread_make_ring(struct thread *thread);

/*
 * Whether the calling thread may submit, and if not, why, as far as can be told
 * without making its ring.
 */
static inline enum reason thread_find_refusal(struct thread *thread)
{
	if (unlikely(thread->epoch != epoch_current()))
		return thread_check_ring(thread);
	if (unlikely(thread->op != NULL))
		return REASON_NESTED;
	return REASON_RING;
}

/* pthread_cancel was called for a thread: it is known if it has a ring. */
void thread_note_cancelled(pthread_t pthread);

/* Whether one that may has its ring, which is made if need be. */
static inline bool thread_ensure_ring(struct thread *thread)
{
	return likely(thread->epoch == epoch_current()) || thread_make_ring(thread);
}

/* Whether that takes a batch of so many; before 6.0 nothing can cancel all that is in flight. */
static inline bool thread_can_take_batch(const struct thread *thread, unsigned count)
{
	return count == 1 || (thread->ring.flags & URING_SETUP_SINGLE_ISSUER &&
			      count <= thread->ring.sq.entries);
}

/* gettid(), or where that is forbidden any number: nobody else has a lock there. */
uint32_t thread_id(struct thread *thread);

/*
 * Whether the calling thread's ring is its own: there is one, and this is no forked
 * child, in which it would be the parent's.
 */
bool thread_owns_ring(const struct thread *thread);

/* Ends the ring, its mappings and its descriptor, if any. */
void thread_release(struct thread *thread);

/* The ring failed for good: this thread goes direct from now on. It stays, for what a handler interrupted. */
void thread_disable_ring(struct thread *thread);

/*
 * Makes every other thread that has an operation in flight run handler, which
 * ends it. No ring may be entered by then: the process is blocked.
 */
void thread_signal_others(void (*handler)(int sig));

/* Returns a signal that means nothing to the program now, or 0. */
int thread_find_spare_signal(void);

/* In a forked child: there are none, and the ring is the parent's. */
void thread_reset_in_child(void);

/* Once, before any ring is made. before_release is called for a thread whose ring is about to go. */
void thread_start(void (*before_release)(struct thread *thread));

#endif

/* SPDX-License-Identifier: MIT */
/* Makes and destroys each thread's ring, and keeps the list of threads that have one. */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include "shim/base/log.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/sqpoll.h"
#include "shim/config/settings.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"
#include "uring/thread.h"

__thread struct thread thread_self INITIAL_EXEC = { .epoch = EPOCH_NONE,
						    .position = POSITION_NONE };

static pthread_key_t exit_key EARLY;
static bool exit_key_made EARLY;

/*
 * Destroys the ring of a thread that ends. The program's own destructors may do I/O after this one,
 * so it puts itself off until the last round of destructors.
 */
static void release_at_exit(void *arg)
{
	struct thread *thread = &thread_self;
	uintptr_t round = (uintptr_t)arg;

	if (round < PTHREAD_DESTRUCTOR_ITERATIONS - 1 &&
	    !pthread_setspecific(exit_key, (void *)(round + 1)))
		return;
	thread->ending = true;
	thread_release(thread);
}

/* The work of the layers above before a ring is destroyed. */
static void (*prepare_release)(struct thread *thread) EARLY;

COLD void thread_start(void (*before_release)(struct thread *thread))
{
	prepare_release = before_release;
	process_call_in_child(thread_reset_in_child);
	exit_key_made = !pthread_key_create(&exit_key, release_at_exit);
}

/* The threads that have a ring. */
static struct thread *threads EARLY;
static _Atomic uint32_t threads_lock EARLY;

static void lock_threads(uint64_t *mask)
{
	sys_block_signals(mask);
	while (atomic_exchange_explicit(&threads_lock, 1, memory_order_acquire))
		sys0(SYS_sched_yield);
}

static void unlock_threads(const uint64_t *mask)
{
	atomic_store_explicit(&threads_lock, 0, memory_order_release);
	sys_restore_signals(mask);
}

static void list_add(struct thread *thread)
{
	uint64_t mask;

	lock_threads(&mask);
	thread->ring_tid = thread->id;
	thread->pthread = pthread_self();
	thread->previous = NULL;
	thread->next = threads;
	if (threads)
		threads->previous = thread;
	threads = thread;
	unlock_threads(&mask);
}

static void list_remove(struct thread *thread)
{
	uint64_t mask;

	lock_threads(&mask);
	thread->ring_tid = 0;
	if (thread->previous)
		thread->previous->next = thread->next;
	else
		threads = thread->next;
	if (thread->next)
		thread->next->previous = thread->previous;
	unlock_threads(&mask);
}

/* The ring is gone: code that a handler has interrupted finds an empty queue in its place. */
static void use_empty_queue(struct thread *thread)
{
	/* Nobody reads what is written to it. */
	static struct uring_sqe sqe;
	static const struct uring_cqe cqe;
	struct empty_queue *empty_queue = &thread->empty_queue;

	*empty_queue = (struct empty_queue){ 0 };
	thread->queues = (struct queues){
		.sq_tail = &empty_queue->sq_tail,
		.sq_head = &empty_queue->sq_head,
		.sqes = &sqe,
		.cq_tail = &empty_queue->cq_tail,
		.cq_head = &empty_queue->cq_head,
		.cqes = &cqe,
		.enter_fd = -1,
	};
}

void thread_reset_in_child(void)
{
	threads = NULL;
	threads_lock = 0;
	thread_self.id = 0;
	thread_self.ring_tid = 0;
	thread_self.ring_refused = false;
	thread_self.op = NULL;
	thread_self.iowq_user_data = 0;
	thread_self.may_have_workers = false;
	thread_self.calls_past_stale = 0;
	thread_self.has_child_mark = false;
	thread_self.dropping_files = false;
	thread_self.phase = PHASE_IDLE;
	thread_self.position = POSITION_NONE;
	use_empty_queue(&thread_self);
}

uint32_t thread_id(struct thread *thread)
{
	long id = thread->id ? thread->id : sys0(SYS_gettid);

	if (id < 0)
		return 1;
	thread->id = (uint32_t)id;
	return thread->id;
}

bool thread_owns_ring(const struct thread *thread)
{
	return thread->ring_tid &&
		(sys_forbidden() || thread->ring_tid == (uint32_t)sys0(SYS_gettid));
}

static void release_ring(struct thread *thread)
{
	bool own = thread_owns_ring(thread);

	thread->iowq_user_data = 0;
	thread->epoch = EPOCH_NONE;
	if (!own)
		return;
	list_remove(thread);
	use_empty_queue(thread);
	/* While system calls are forbidden the ring is left to the kernel. */
	if (!sys_forbidden())
		uring_destroy(&thread->ring);
}

void thread_release(struct thread *thread)
{
	uint64_t mask;

	if (prepare_release)
		prepare_release(thread);
	/* No handler may fork, or leave by a jump, halfway through. */
	sys_block_signals(&mask);
	release_ring(thread);
	sys_restore_signals(&mask);
}

int thread_find_spare_signal(void)
{
	struct sigaction act;

	for (int sig = SIGRTMAX; sig > SIGRTMIN; sig--)
		if (!NEXT(sigaction)(sig, NULL, &act) && act.sa_handler == SIG_DFL)
			return sig;
	return 0;
}

static bool signal_busy_threads(int sig)
{
	struct thread *thread;
	bool busy = false;
	uint64_t mask;

	lock_threads(&mask);
	for (thread = threads; thread; thread = thread->next) {
		if (thread == &thread_self || !(thread->op || thread->dropping_files))
			continue;
		busy = true;
		if (sig)
			sys3(SYS_tgkill, sys0(SYS_getpid), thread->id, sig);
	}
	unlock_threads(&mask);
	return busy;
}

void thread_signal_others(void (*handler)(int sig))
{
	const struct timespec pause = { .tv_nsec = 100000 };
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK }, old;
	int sig;

	/* While system calls are forbidden no thread has an operation. */
	if (sys_forbidden() || !signal_busy_threads(0))
		return;
	sig = thread_find_spare_signal();
	sigfillset(&act.sa_mask);
	if (!sig || NEXT(sigaction)(sig, &act, &old))
		return;
	/* Give up after a while: a thread may have blocked the signal. */
	for (int i = 0; i < 1000 && signal_busy_threads(i % 100 ? 0 : sig); i++)
		sys2(SYS_nanosleep, (long)&pause, 0);
	/* Discard pending signals: unblocking one later would kill the program. */
	NEXT(sigaction)(sig, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	NEXT(sigaction)(sig, &old, NULL);
}

void thread_note_cancelled(pthread_t pthread)
{
	uint64_t mask;

	lock_threads(&mask);
	for (struct thread *thread = threads; thread; thread = thread->next)
		if (pthread_equal(thread->pthread, pthread))
			thread->cancelled = true;
	unlock_threads(&mask);
}

void thread_hide_ring(struct thread *thread)
{
	if (!thread->vfork_depth++) {
		thread->hidden_epoch = thread->epoch;
		thread->epoch = EPOCH_NONE;
	}
}

void thread_show_ring(struct thread *thread)
{
	if (thread->vfork_depth && !--thread->vfork_depth)
		thread->epoch = thread->hidden_epoch;
}

bool thread_enter_small_stack(struct thread *thread, uintptr_t from, uintptr_t to)
{
	if (thread->small_end)
		return false;
	thread->kept_epoch = thread->epoch;
	thread->small_stack = from;
	thread->small_end = to;
	thread->epoch = EPOCH_NONE;
	return true;
}

void thread_leave_small_stack(struct thread *thread)
{
	if (!thread->small_end)
		return;
	thread->epoch = thread->kept_epoch;
	thread->small_end = 0;
}

static bool is_on_small_stack(const struct thread *thread)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return here > thread->small_stack && here < thread->small_end;
}

void thread_disable_ring(struct thread *thread)
{
	thread->ring_refused = true;
	thread->epoch = EPOCH_NONE;
}

static void set_queues(struct queues *queues, const struct uring *ring)
{
	*queues = (struct queues){
		.sq_tail = ring->sq.tail,
		.sq_head = ring->sq.head,
		.sqes = ring->sq.sqes,
		.sq_mask = ring->sq.mask,
		.cq_tail = ring->cq.tail,
		.cq_head = ring->cq.head,
		.cqes = ring->cq.cqes,
		.cq_mask = ring->cq.mask,
		.enter_fd = ring->enter_fd,
		.enter_flags = ring->enter_flags,
		.sleep_flags = ring->features & URING_FEAT_NO_IOWAIT ? URING_ENTER_NO_IOWAIT : 0,
		.polled = ring->flags & URING_SETUP_SQPOLL,
	};
}

COLD enum reason thread_find_refusal_slow(struct thread *thread)
{
	enum reason reason;

	if (thread->vfork_depth)
		return REASON_SHARED_MEMORY_CHILD;
	if (is_on_small_stack(thread))
		return REASON_SMALL_STACK;
	/* A handler on a small stack has left by a jump. */
	thread_leave_small_stack(thread);
	reason = epoch_renew();
	if (reason != REASON_RING)
		return reason;
	if (thread->op)
		return REASON_NESTED;
	return thread->ring_refused || thread->ending ? REASON_NO_RING : REASON_RING;
}

/* Makes a ring without a descriptor. Returns false if it cannot, and logs the kernel's reason. */
static bool init_ring(struct uring *ring)
{
	int err;

	/* Any value other than NULL makes the destructor run. */
	if (!exit_key_made || pthread_setspecific(exit_key, (void *)(uintptr_t)1))
		return false;
	if (!ring_setup_is_safe()) {
		log_no_ring(-EPERM);
		return false;
	}
	err = sqpoll_is_wanted() ? sqpoll_init_ring(ring) :
				   uringi_init_thread(ring, settings.ring.entries, LONG_MAX);
	if (!err && ring->fd < 0)
		return true;
	if (!err)
		uring_destroy(ring);
	log_no_ring(err);
	return false;
}

/* Called with all signals blocked, so that no handler runs halfway through. */
static bool make_ring(struct thread *thread)
{
	uint32_t epoch;

	if (thread_find_refusal_slow(thread) != REASON_RING)
		return false;
	epoch = epoch_current();
	if (epoch_is_invalid() || thread->epoch == epoch)
		return thread->epoch == epoch;
	/* The old ring is of an epoch that has ended or, in a forked child, the parent's. */
	release_ring(thread);
	thread->ring_refused = true;
	if (!init_ring(&thread->ring))
		return false;
	set_queues(&thread->queues, &thread->ring);
	thread->id = (uint32_t)sys0(SYS_gettid);
	thread->recheck_armed = false;
	thread->had_to_wait = 0;
	/* The polling thread counts as a worker, too. */
	thread->may_have_workers = thread->queues.polled;
	list_add(thread);
	thread->epoch = epoch;
	thread->ring_refused = false;
	return thread->epoch == epoch_current();
}

COLD bool thread_make_ring(struct thread *thread)
{
	uint64_t mask;
	bool made;

	sys_block_signals(&mask);
	made = make_ring(thread);
	sys_restore_signals(&mask);
	return made;
}

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include "shim/log.h"
#include "shim/next.h"
#include "shim/polled.h"
#include "shim/settings.h"
#include "shim/sys.h"
#include "shim/thread.h"

__thread struct thread thread_self INITIAL_EXEC = { .era = ERA_NONE, .position = POSITION_NONE };

static pthread_key_t exit_key;
static bool exit_key_made;

/*
 * The program's own destructors may do I/O after this one has run, so it puts
 * itself off until the last round there is.
 */
static void at_exit(void *arg)
{
	struct thread *thread = &thread_self;
	uintptr_t round = (uintptr_t)arg;

	if (round < PTHREAD_DESTRUCTOR_ITERATIONS - 1 &&
	    !pthread_setspecific(exit_key, (void *)(round + 1)))
		return;
	thread->ending = true;
	thread_release(thread);
}

/* The threads that have a ring. */
static struct thread *threads;
static _Atomic uint32_t threads_lock;

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

static void list(struct thread *thread)
{
	uint64_t mask;

	lock_threads(&mask);
	thread->previous = NULL;
	thread->next = threads;
	if (threads)
		threads->previous = thread;
	threads = thread;
	unlock_threads(&mask);
}

static void unlist(struct thread *thread)
{
	uint64_t mask;

	lock_threads(&mask);
	if (thread->previous)
		thread->previous->next = thread->next;
	else
		threads = thread->next;
	if (thread->next)
		thread->next->previous = thread->previous;
	unlock_threads(&mask);
}

void thread_forget_others(void)
{
	threads = NULL;
	threads_lock = 0;
	/* Another thread than the parent's. */
	thread_self.id = 0;
}

void thread_release(struct thread *thread)
{
	if (thread->era == ERA_NONE)
		return;
	thread->era = ERA_NONE;
	unlist(thread);
	/* Under a filter even the end of the ring is the kernel's business. */
	if (process.block != REASON_SANDBOX)
		uring_destroy(&thread->ring);
}

/* Made with the first ring, which few of the programs that start get to. */
static bool watch_exit(void)
{
	uint64_t mask;
	bool made;

	lock_threads(&mask);
	if (!exit_key_made)
		exit_key_made = !pthread_key_create(&exit_key, at_exit);
	made = exit_key_made;
	unlock_threads(&mask);
	/* Any non-null value makes the destructor run. */
	return made && !pthread_setspecific(exit_key, (void *)(uintptr_t)1);
}

static void end_operation(int sig)
{
	/* The wrapper around this has done it. */
}

/* A signal that means nothing to the program now, or 0. */
static int spare_signal(void)
{
	struct sigaction act;

	for (int sig = SIGRTMAX; sig > SIGRTMIN; sig--)
		if (!NEXT(sigaction)(sig, NULL, &act) && act.sa_handler == SIG_DFL)
			return sig;
	return 0;
}

static bool signal_busy(int sig)
{
	struct thread *thread;
	bool busy = false;
	uint64_t mask;

	lock_threads(&mask);
	for (thread = threads; thread; thread = thread->next) {
		if (thread == &thread_self || !thread->op)
			continue;
		busy = true;
		if (sig)
			sys3(SYS_tgkill, sys0(SYS_getpid), thread->id, sig);
	}
	unlock_threads(&mask);
	return busy;
}

void thread_interrupt_others(void)
{
	const struct timespec pause = { .tv_nsec = 100000 };
	struct sigaction act = { .sa_handler = end_operation, .sa_flags = SA_RESTART }, old;
	int sig;

	if (!signal_busy(0))
		return;
	sig = spare_signal();
	if (!sig || sigaction(sig, &act, &old))
		return;
	/* Not for ever: a thread may have blocked the signal. */
	for (int i = 0; i < 1000 && signal_busy(i % 100 ? 0 : sig); i++)
		sys2(SYS_nanosleep, (long)&pause, 0);
	sigaction(sig, &old, NULL);
}

void thread_lend(struct thread *thread)
{
	if (!thread->borrowed++) {
		thread->lent_era = thread->era;
		thread->era = ERA_NONE;
	}
}

void thread_take_back(struct thread *thread)
{
	if (!--thread->borrowed)
		thread->era = thread->lent_era;
}

void thread_lose(struct thread *thread)
{
	thread_release(thread);
	thread->refused = true;
}

/*
 * What a forked child finds: a ring that is its parent's and not mapped here,
 * and maybe an operation that the parent has in flight.
 */
static void start_over(struct thread *thread)
{
	uring_forget(&thread->ring);
	thread->op = NULL;
	thread->phase = PHASE_IDLE;
	thread->position = POSITION_NONE;
	thread->refused = false;
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
		.polled = ring->flags & URING_SETUP_SQPOLL,
	};
}

COLD enum reason thread_may_look(struct thread *thread)
{
	enum reason reason;

	if (thread->borrowed)
		return REASON_FORKED;
	reason = process_renew();
	if (reason != REASON_RING)
		return reason;
	if (thread->era != ERA_NONE && thread->era != process_era()) {
		/* Forked, or a ban was lifted: in both the old ring is no good. */
		if (thread->id == (uint32_t)sys0(SYS_gettid))
			thread_release(thread);
		else
			start_over(thread);
		thread->era = ERA_NONE;
	}
	if (thread->op)
		return REASON_NESTED;
	return thread->refused || thread->ending ? REASON_NO_RING : REASON_RING;
}

/* Whether the kernel gave a ring, which is the thread's now; said in the log if not. */
static bool init_ring(struct thread *thread)
{
	int err;

	if (!process_may_try()) {
		log_no_ring(-EPERM);
		return false;
	}
	err = polled_wanted() ? polled_init(&thread->ring) :
				uring_init_thread(&thread->ring, settings.ring.entries);
	if (!err && thread->ring.fd < 0)
		return true;
	if (!err)
		uring_destroy(&thread->ring);
	log_no_ring(err);
	return false;
}

COLD bool thread_make_ring(struct thread *thread)
{
	if (thread_may_look(thread) != REASON_RING)
		return false;
	thread->refused = true;
	if (!watch_exit() || !init_ring(thread))
		return false;
	set_queues(&thread->queues, &thread->ring);
	thread->id = (uint32_t)sys0(SYS_gettid);
	thread->refused = false;
	thread->ticking = false;
	thread->era = process_era();
	list(thread);
	return true;
}

/* Before 6.0 nothing can cancel all that is in flight. */
bool thread_takes(struct thread *thread, unsigned count)
{
	return thread_ready(thread) &&
	       (count == 1 || (thread->ring.flags & URING_SETUP_SINGLE_ISSUER &&
			       count <= thread->ring.sq.entries));
}

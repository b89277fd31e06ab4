#include <pthread.h>
#include "shim/log.h"
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

void thread_start(void)
{
	exit_key_made = !pthread_key_create(&exit_key, at_exit);
}

void thread_release(struct thread *thread)
{
	if (thread->era == ERA_NONE)
		return;
	thread->era = ERA_NONE;
	uring_destroy(&thread->ring);
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

COLD enum reason thread_acquire(struct thread *thread)
{
	enum reason reason;
	int err;

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
	if (thread->refused || thread->ending || !exit_key_made)
		return REASON_NO_RING;
	thread->refused = true;
	/* Any non-null value makes the destructor run. */
	if (pthread_setspecific(exit_key, (void *)(uintptr_t)1))
		return REASON_NO_RING;
	err = uring_init_thread(&thread->ring, 1);
	if (err || thread->ring.fd >= 0) {
		if (!err)
			uring_destroy(&thread->ring);
		log_no_ring(err);
		return REASON_NO_RING;
	}
	thread->id = (uint32_t)sys0(SYS_gettid);
	thread->refused = false;
	thread->era = process_era();
	return REASON_RING;
}

#include "shim/learn.h"

/*
 * A detour counts down, a wait up; from DETOUR on a call goes direct. One
 * worker is enough: the natively fast write to a file takes 50 times as long.
 */
enum {
	DETOUR = -4,
	SCORE_MIN = -8,
	SCORE_MAX = 8,
	LOOK_AGAIN = 16384,	/* every so many calls that go direct, of a thread */
	FD_KINDS = 16,
};

static const int8_t steps[] = {
	[WENT_AT_ONCE] = -1,
	[WENT_BY_WORKER] = SCORE_MIN,
	[WENT_AND_WAITED] = 2,
};

/* Of all threads: read by each call, but seldom written. */
static _Atomic int8_t scores[CALL_COUNT][FD_KINDS];

bool learn_active;

void learn_start(void)
{
	learn_active = settings.route == ROUTE_AUTO && !settings.ring.sqpoll;
}

bool learn_detour(struct thread *thread, enum call call, fd_info info)
{
	/* Only a ring can end such a call in time. */
	if (atomic_load_explicit(&scores[call][fd_kind(info)], memory_order_relaxed) > DETOUR ||
	    settings.timeouts[call])
		return false;
	if (++thread->detours < LOOK_AGAIN)
		return true;
	thread->detours = 0;
	return false;
}

void learn_from(const struct thread *thread, enum call call, fd_info info)
{
	_Atomic int8_t *score = &scores[call][fd_kind(info)];
	int old = atomic_load_explicit(score, memory_order_relaxed);
	int now = old + steps[thread->went];

	now = now < SCORE_MIN ? SCORE_MIN : now > SCORE_MAX ? SCORE_MAX : now;
	if (now != old)
		atomic_store_explicit(score, (int8_t)now, memory_order_relaxed);
}

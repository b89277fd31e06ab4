/* SPDX-License-Identifier: MIT */
/*
 * The scores of RINGSHIM_ROUTE=auto, for each call and kind of descriptor: how an operation
 * changes them, and from which score on calls go direct.
 */
#include "shim/op/submit.h"
#include "shim/route/route-auto.h"

/*
 * A detour lowers the score, a wait raises it; at DETOUR or below a call goes direct. One operation
 * in a worker is enough for that: a write to a file that is fast natively takes 50 times as long.
 */
enum {
	DETOUR = -4,
	SCORE_MIN = -8,
	SCORE_MAX = 8,
};

/* A wait of less, in ns, counts as none: the ring makes it longer by more than a twentieth. */
enum { SHORT_WAIT = 50000 };

static const int8_t score_steps[] = {
	[OUTCOME_AT_ONCE] = -1,
	[OUTCOME_BY_WORKER] = SCORE_MIN,
	[OUTCOME_WAITED] = 2,
};

/* Shared by all threads: read by each call, but seldom written. */
static _Atomic int8_t scores[CALL_COUNT][FD_KINDS];

bool auto_leaves_positions;

static COLD bool has_any_timeout(void)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (settings.timeouts[i])
			return true;
	return false;
}

COLD void auto_start(void)
{
	auto_active = settings.route == ROUTE_AUTO && !settings.ring.sqpoll;
	if (!auto_active)
		return;
	prepare_flags |= PREPARE_FOR_AUTO;
	auto_leaves_positions = !has_any_timeout();
}

void auto_expect_detour(enum call call, enum fd_kind kind)
{
	scores[call][kind] = SCORE_MIN;
}

static bool is_detour(enum call call, int score)
{
	/* Only a ring can keep the time limit of a call. */
	return score <= DETOUR && !settings.timeouts[call];
}

bool auto_is_detour(struct thread *thread, enum call call, fd_info info)
{
	if (!is_detour(call,
		       atomic_load_explicit(&scores[call][fd_kind(info)], memory_order_relaxed)))
		return false;
	if (auto_counts_direct(thread))
		return true;
	thread->detours = 0;
	return false;
}

static int score_step(const struct thread *thread)
{
	if (thread->last_outcome == OUTCOME_WAITED && monotonic_now() - thread->since < SHORT_WAIT)
		return score_steps[OUTCOME_AT_ONCE];
	return score_steps[thread->last_outcome];
}

enum reason auto_record(const struct thread *thread, enum call call, fd_info info)
{
	_Atomic int8_t *score = &scores[call][fd_kind(info)];
	int old = atomic_load_explicit(score, memory_order_relaxed);
	int now = old + score_step(thread);

	now = now < SCORE_MIN ? SCORE_MIN : now > SCORE_MAX ? SCORE_MAX : now;
	if (now != old)
		atomic_store_explicit(score, (int8_t)now, memory_order_relaxed);
	return is_detour(call, now) ? REASON_DETOUR : REASON_RING;
}

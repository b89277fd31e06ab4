/* SPDX-License-Identifier: MIT */
/*
 * Decides for one call whether it goes through the ring or direct, and counts it. A call asks first
 * whether this thread may use the ring, then whether the descriptor allows it, and stops at the
 * first reason to go direct. At the end it reports its result.
 */
#ifndef SHIM_ROUTE_ROUTE_H
#define SHIM_ROUTE_ROUTE_H

#include "shim/symbols/call-ids.h"
#include "shim/op/semantics.h"
#include "shim/fd/fdtable.h"
#include "shim/route/route-auto.h"
#include "shim/config/settings.h"
#include "shim/route/stats.h"

struct route_call {
	uint8_t reason;		/* why it goes direct on any descriptor, or REASON_RING */
	atomic_bool remembered; /* route_memos can hold a reason for it */
};

extern struct route_call route_calls[CALL_COUNT] HIDDEN EARLY;

void route_start(void);

/* Has the call go direct on any descriptor. */
void route_leave_out(enum call call);

/*
 * The state of one call while it is routed. The pattern of such a call is:
 *
 *	struct route route;
 *
 *	if (!route_begin_fd(&route, CALL_x, fd))
 *		return false;
 *	... fill op with what the call means ...
 *	return route_run(&route, &op, res);
 */
struct route {
	struct thread *thread;
	enum call call;
	int fd;
	fd_info info;
	const fd_slot *slot; /* the table slot of info, or NULL */
};

/*
 * Counts a call that goes direct. This function and the two below always return false, which is
 * what call_X() returns for a call that is to be made directly: return route_refuse(...).
 */
bool route_refuse(enum call call, enum reason reason);

/* Counts a call that always goes direct on such a descriptor, and remembers that. Returns false. */
bool route_refuse_always(struct route route, enum reason reason);

/* Counts and remembers a call that goes direct because auto has learnt so. Returns false. */
bool route_refuse_detour(struct route route);

/* Returns true, and counts the call, if no call of this program goes through the ring. */
static inline bool route_is_idle(enum call call)
{
	if (likely(!settings_idle))
		return false;
	stats_count(&thread_self, call, REASON_SETTING);
	return true;
}

/* Returns true, and counts the call, if it goes direct on any descriptor. */
static inline bool route_is_left_out(enum call call)
{
	enum reason reason = route_calls[call].reason;

	if (reason == REASON_RING)
		return false;
	stats_count(&thread_self, call, reason);
	return true;
}

/* For each fd_nature(): the reason why a call always goes direct there, or REASON_RING. */
struct route_memo {
	_Atomic uint8_t reasons[FD_NATURES];
} __attribute__((aligned(64)));

extern struct route_memo route_memos[CALL_COUNT] HIDDEN;

/*
 * Returns true, and counts the call, if it is known to go direct on fd. The exported functions ask
 * this before anything else, so that such a call pays for nothing more.
 */
static ALWAYS_INLINE bool route_is_direct(enum call call, int fd)
{
	struct route_memo *memo = &route_memos[call];
	struct thread *thread = &thread_self;
	enum reason reason;
	fd_info info;

	if (likely(!atomic_load_explicit(&route_calls[call].remembered, memory_order_relaxed)))
		return false;
	if (settings_idle)
		return route_is_idle(call);
	info = fd_peek(fd);
	reason = atomic_load_explicit(&memo->reasons[fd_nature(info)], memory_order_relaxed);
	if (reason == REASON_RING || !fd_is_current(info) || epoch_is_invalid() ||
	    (reason == REASON_DETOUR && !auto_counts_direct(thread)))
		return false;
	stats_count(thread, call, reason);
	return true;
}

/*
 * Returns true if this thread may make the call through its ring, else counts it as direct. The
 * ring itself need not exist yet.
 */
static ALWAYS_INLINE bool route_begin(struct route *route, enum call call)
{
	enum reason reason = route_calls[call].reason;

	route->thread = &thread_self;
	route->call = call;
	route->fd = -1;
	route->info = 0;
	route->slot = NULL;
	if (likely(reason == REASON_RING))
		reason = thread_find_refusal(route->thread);
	if (unlikely(reason != REASON_RING))
		return route_refuse(call, reason);
	return true;
}

/*
 * Under auto: returns true, and counts the call, if fd was used a few times only, so that finding out
 * what it is would not pay. A small file is read by such calls, so they skip all other questions.
 */
bool route_is_first_use(enum call call, int fd);

/* Does what route_begin() does, and also looks up what fd is. */
static ALWAYS_INLINE bool route_begin_fd(struct route *route, enum call call, int fd)
{
	if (auto_is_active() && route_is_first_use(call, fd))
		return false;
	if (!route_begin(route, call))
		return false;
	route->fd = fd;
	route->info = fd_get_at(fd, &route->slot);
	if (unlikely(fd_kind(route->info) == FD_BAD))
		return route_refuse(call, REASON_DESCRIPTOR);
	if (auto_is_active() && auto_is_detour(route->thread, call, route->info))
		return route_refuse_detour(*route);
	return true;
}

/* Slow path of route_finish(): auto learns from the call, or the operation was declined. */
bool route_finish_slow(struct route route, int ret, ssize_t *res);

/*
 * Counts a call for which op_run() returned ret. Returns true if *res is the call's result, false
 * if the call is to be made directly.
 */
static ALWAYS_INLINE bool route_finish(const struct route *route, int ret, ssize_t *res)
{
	if (auto_is_active() || op_was_declined(ret))
		return route_finish_slow(*route, ret, res);
	*res = libc_result(ret);
	stats_count_ring(route->thread, route->call, *res);
	return true;
}

/*
 * Runs op and counts the call. Returns true if *res is the call's result, false if the call is to
 * be made directly.
 */
static ALWAYS_INLINE bool route_run(const struct route *route, struct operation *op, ssize_t *res)
{
	return route_finish(route, op_run(route->thread, op), res);
}

#endif

/*
 * Ring or direct for one call, and the count of it. A call asks in this order
 * and stops at the first reason: may this call on this thread; may it on this
 * descriptor; and reports what came of it.
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
	uint8_t reason;			/* why it is left out whatever it is made on, or REASON_RING */
	atomic_bool remembered;		/* there may be a reason in route_memos */
};

extern struct route_call route_calls[CALL_COUNT] HIDDEN EARLY;

void route_start(void);

/*
 * What one call needs to know on its way. The pattern of a routed call is:
 *
 *	struct route route;
 *
 *	if (!route_begin_fd(&route, CALL_x, fd))
 *		return false;
 *	... what the call means, as an operation ...
 *	return route_run(&route, &op, res);
 */
struct route {
	struct thread *thread;
	enum call call;
	int fd;
	fd_info info;
	const fd_slot *slot;	/* where that stands, or NULL */
};

/* Counts a call that goes direct; false, for the caller to return. */
bool route_refuse(enum call call, enum reason reason);

/*
 * Counts a call that goes direct whenever it is made on such a descriptor, and
 * remembers it. Returns false.
 */
bool route_refuse_always(struct route route, enum reason reason);

/* As route_refuse_always, where auto has learnt so. */
bool route_refuse_detour(struct route route);

/* Whether no call goes by ring in this program; this one is then counted. */
static inline bool route_is_idle(enum call call)
{
	if (likely(!settings_idle))
		return false;
	stats_count(&thread_self, call, REASON_SETTING);
	return true;
}

/* What is remembered of a call: by fd_nature, why it always goes direct, or REASON_RING. */
struct route_memo {
	_Atomic uint8_t reasons[FD_NATURES];
} __attribute__((aligned(64)));

extern struct route_memo route_memos[CALL_COUNT] HIDDEN;

/*
 * Whether the call is known to go direct on fd; it is then counted. For the
 * exported functions, before anything else: such a call pays for nothing more.
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

/* Whether this thread may make the call by ring. */
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

/* Whether it may, and what fd is. */
static ALWAYS_INLINE bool route_begin_fd(struct route *route, enum call call, int fd)
{
	if (!route_begin(route, call))
		return false;
	/* For auto a few calls are not worth finding out what fd is. */
	if (auto_is_active() && fd_note_use(fd) && !settings.timeouts[call])
		return route_refuse(call, REASON_DETOUR);
	route->fd = fd;
	route->info = fd_get_at(fd, &route->slot);
	if (unlikely(fd_kind(route->info) == FD_BAD))
		return route_refuse(call, REASON_DESCRIPTOR);
	if (auto_is_active() && auto_is_detour(route->thread, call, route->info))
		return route_refuse_detour(*route);
	return true;
}

/* As route_finish, where more than the count is to be settled. */
bool route_finish_slow(struct route route, int ret, ssize_t *res);

/*
 * Settles the account of a call that op_run answered with ret: true when
 * *res is the call's result, false when the call is to be made directly.
 */
static ALWAYS_INLINE bool route_finish(const struct route *route, int ret, ssize_t *res)
{
	if (auto_is_active() || op_was_declined(ret))
		return route_finish_slow(*route, ret, res);
	*res = libc_result(ret);
	stats_count_own(route->thread, route->call, REASON_RING);
	return true;
}

/*
 * Runs op and settles the account: true when *res is the call's result, false
 * when the call is to be made directly.
 */
static ALWAYS_INLINE bool route_run(const struct route *route, struct operation *op, ssize_t *res)
{
	return route_finish(route, op_run(route->thread, op), res);
}

#endif

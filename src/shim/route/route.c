/* SPDX-License-Identifier: MIT */
/*
 * The slow paths of route.h: which calls are left out from the start, the reasons that are
 * remembered for calls which always go direct, and what auto is told of each call.
 */
#include "shim/symbols/next-symbol.h"
#include "shim/route/route.h"
#include "shim/config/settings.h"

struct route_call route_calls[CALL_COUNT];
struct route_memo route_memos[CALL_COUNT];

void route_start(void)
{
	auto_start();
	if (settings.check_descriptors)
		fd_forget_all();
	for (size_t i = 0; i < CALL_COUNT; i++) {
		route_calls[i].remembered = settings_idle;
		if (!settings_call((enum call)i))
			route_calls[i].reason = REASON_SETTING;
		else if (next_is_foreign((enum call)i))
			route_calls[i].reason = REASON_OTHER_LIBRARY;
	}
}

void route_leave_out(enum call call)
{
	if (route_calls[call].reason == REASON_RING)
		route_calls[call].reason = REASON_SETTING;
}

bool route_refuse(enum call call, enum reason reason)
{
	stats_count(&thread_self, call, reason);
	return false;
}

bool route_is_first_use(enum call call, int fd)
{
	struct thread *thread = &thread_self;

	if (route_calls[call].reason != REASON_RING || settings.timeouts[call] || thread->op ||
	    thread->ring_refused)
		return false;
	/* In a forked child this begins a new epoch. */
	if (epoch_is_invalid() && thread_find_refusal_slow(thread) != REASON_RING)
		return false;
	if (!fd_note_use(fd))
		return false;
	stats_count(thread, call, REASON_DETOUR);
	return true;
}

static void remember_reason(enum call call, unsigned nature, enum reason reason)
{
	route_memos[call].reasons[nature] = (uint8_t)reason;
	route_calls[call].remembered = true;
}

bool route_refuse_always(struct route route, enum reason reason)
{
	remember_reason(route.call, fd_nature(route.info), reason);
	return route_refuse(route.call, reason);
}

/* Returns true if the call always uses the file position. */
static bool is_at_position(enum call call)
{
	return call == CALL_read || call == CALL_write || call == CALL_readv || call == CALL_writev;
}

/* Returns true if the call can use the file position. */
static bool may_be_at_position(enum call call)
{
	return is_at_position(call) || call == CALL_preadv2 || call == CALL_pwritev2;
}

/*
 * Remembers what auto has learnt of the call. Not for a call that can use a private file position:
 * before it goes direct it has to give that up (file_position_leave()), which a remembered call
 * does not do.
 */
static void remember_learnt(struct route route, enum reason reason)
{
	if (!fd_has_own_position(route.info) || !may_be_at_position(route.call))
		remember_reason(route.call, fd_nature(route.info), reason);
}

bool route_refuse_detour(struct route route)
{
	remember_learnt(route, REASON_DETOUR);
	return route_refuse(route.call, REASON_DETOUR);
}

bool route_finish_slow(struct route route, int ret, ssize_t *res)
{
	if (auto_is_active() && (!op_was_declined(ret) || ret == DECLINED(DETOUR)))
		remember_learnt(route, auto_record(route.thread, route.call, route.info));
	if (ret == DECLINED(SHARED_POSITION) && !fd_has_own_position(route.info) &&
	    is_at_position(route.call))
		return route_refuse_always(route, REASON_SHARED_POSITION);
	if (op_was_declined(ret))
		return route_refuse(route.call, op_decline_reason(ret));
	*res = libc_result(ret);
	stats_count_ring(route.thread, route.call, *res);
	return true;
}

#include "shim/next.h"
#include "shim/route.h"
#include "shim/settings.h"

uint8_t route_calls[CALL_COUNT];

void route_start(void)
{
	learn_start();
	if (settings.check_descriptors)
		fd_believe_nothing();
	for (size_t i = 0; i < CALL_COUNT; i++) {
		if (!settings_call((enum call)i))
			route_calls[i] = REASON_SETTING;
		else if (next_is_foreign((enum call)i))
			route_calls[i] = REASON_FOREIGN;
	}
}

bool route_direct(enum call call, enum reason reason)
{
	stats_count(&thread_self, call, reason);
	return false;
}

static enum reason declined(int res)
{
	switch (res) {
	case CONTRACT_RESTART:
		return REASON_RESTART;
	case CONTRACT_UNABLE:
		return REASON_NONBLOCKING;
	case CONTRACT_SHARED:
		return REASON_POSITION;
	case CONTRACT_DETOUR:
		return REASON_DETOUR;
	case CONTRACT_ARGUMENT:
		return REASON_ARGUMENT;
	}
	return REASON_NO_RING;
}

bool route_finish_rest(const struct route *route, int ret, ssize_t *res)
{
	if (learn_on() && (!contract_declined(ret) || ret == CONTRACT_DETOUR))
		learn_from(route->thread, route->call, route->info);
	if (contract_declined(ret))
		return route_direct(route->call, declined(ret));
	*res = libc_result(ret);
	stats_count(route->thread, route->call, REASON_RING);
	return true;
}

/* SPDX-License-Identifier: MIT */
/* Common code of the wait family: calls that wait for events, for time to pass or for children. */
#ifndef SHIM_CALLS_WAIT_BLOCKING_H
#define SHIM_CALLS_WAIT_BLOCKING_H

#include <time.h>
#include "shim/queue/sqe.h"
#include "shim/route/route.h"

/*
 * Returns an operation that waits and has no descriptor of its own. It is never restarted after
 * a handler: it ends with EINTR even with SA_RESTART.
 */
static inline struct operation wait_operation(void)
{
	return (struct operation){ .fd = -1, .interruptible = true, .partly_done = true };
}

/*
 * Limits the wait to ns nanoseconds; its result is 0 when they have passed. If ns is negative,
 * only the limit from the settings applies.
 */
static inline void wait_bound(const struct route *route, struct operation *op, int64_t ns)
{
	if (ns < 0)
		op->bound = settings.timeouts[route->call];
	else
		op->bound = ns ? ns : 1;
	op->timeout_errno = 0;
}

/*
 * Rings were forbidden while the call waited, because another thread ends the program or
 * installs a filter. Returns the time that is left, in ns, for the native call that continues
 * the wait.
 */
static inline int64_t wait_left(const struct operation *op)
{
	int64_t left = op->deadline - monotonic_now();

	return left > 0 ? left : 0;
}

/* Counts such a call as direct and gives it the native result ret. Returns true. */
static inline bool wait_resumed(enum call call, ssize_t ret, ssize_t *res)
{
	route_refuse(call, REASON_RESTART);
	*res = ret;
	return true;
}

/*
 * Converts time to ns, or to -1 if it is NULL. Returns false if it is out of range or at a bad
 * address.
 */
bool wait_time(const struct timespec *time, int64_t *ns);

#endif

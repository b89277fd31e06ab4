/* What the calls of the wait family have in common. */
#ifndef SHIM_CALLS_WAIT_BLOCKING_H
#define SHIM_CALLS_WAIT_BLOCKING_H

#include <time.h>
#include "shim/queue/sqe.h"
#include "shim/route/route.h"

/*
 * An operation without a descriptor of its own that waits, and that no handler
 * restarts: with SA_RESTART it ends with EINTR too.
 */
static inline struct operation wait_operation(void)
{
	return (struct operation){ .fd = -1, .interruptible = true, .partly_done = true };
}

/*
 * Bounds the wait: 0 is its result when the time, in ns, has passed; less than
 * 0: none but what the settings say.
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
 * The ring was forbidden while the call waited, as another thread leaves the
 * program or installs a filter. What is left of the time, for the native call
 * that goes on with the wait.
 */
static inline int64_t wait_left(const struct operation *op)
{
	int64_t left = op->deadline - monotonic_now();

	return left > 0 ? left : 0;
}

/* Settles the account of such a call, whose native result is ret. */
static inline bool wait_resumed(enum call call, ssize_t ret, ssize_t *res)
{
	route_refuse(call, REASON_RESTART);
	*res = ret;
	return true;
}

/* The time in ns (-1: no time given), or false: absurd, or at a bad address. */
bool wait_time(const struct timespec *time, int64_t *ns);

#endif

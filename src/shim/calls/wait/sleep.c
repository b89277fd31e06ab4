/* SPDX-License-Identifier: MIT */
/* The wait family: nanosleep(), clock_nanosleep(), usleep() and sleep(). */
#include <time.h>
#include <unistd.h>
#include "shim/calls/wait/blocking.h"
#include "shim/symbols/next-symbol.h"
#include "shim/symbols/prototypes.h"
#include "shim/base/sys.h"

enum { SECOND = 1000000000 };

bool wait_time(const struct timespec *time, int64_t *ns)
{
	struct timespec copy;

	*ns = -1;
	if (!time)
		return true;
	if (!sys_peek(&copy, time, sizeof(copy)))
		return false;
	if (copy.tv_sec < 0 || copy.tv_sec > INT32_MAX || copy.tv_nsec < 0 ||
	    copy.tv_nsec >= SECOND)
		return false;
	*ns = copy.tv_sec * SECOND + copy.tv_nsec;
	return true;
}

static int64_t clock_now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

/* A sleep of ns nanoseconds or, if it is absolute, until the time ns. */
struct sleep {
	clockid_t clock;
	bool absolute;
	int64_t ns;
	unsigned timeout_flags; /* URING_TIMEOUT_*, for the operation */
};

/* Continues a sleep with the native call. Returns 0 or a negative errno. */
static int resume_sleep(const struct sleep *sleep, int64_t *left)
{
	int64_t ns = sleep->absolute ? sleep->ns : *left;
	struct timespec time = { ns / SECOND, ns % SECOND }, rest = { 0 };
	int flags = sleep->absolute ? TIMER_ABSTIME : 0;
	int err = NEXT(clock_nanosleep)(sleep->clock, flags, &time, &rest);

	*left = rest.tv_sec * SECOND + rest.tv_nsec;
	return -err;
}

/*
 * Sleeps by ring and counts the call. Returns false if the call is to be made directly;
 * otherwise *ret is 0 or a negative errno. *left: what is left of a relative time when a signal
 * came.
 */
static bool run_sleep(struct route *route, const struct sleep *sleep, int *ret, int64_t *left)
{
	struct uring_timespec ts = { sleep->ns / SECOND, sleep->ns % SECOND };
	struct operation op = wait_operation();
	int64_t until = clock_now(CLOCK_MONOTONIC) + sleep->ns;
	ssize_t res;

	fill_timeout(&op.sqe, (struct entry_timeout){ .time = &ts, .flags = sleep->timeout_flags });
	*ret = op_run(route->thread, &op);
	*left = until - clock_now(CLOCK_MONOTONIC);
	if (*left < 0)
		*left = 0;
	if (*ret == DECLINED(RESTART)) {
		*ret = resume_sleep(sleep, left);
		return wait_resumed(route->call, 0, &res);
	}
	if (*ret == -ETIME)
		*ret = 0;
	return route_finish(route, *ret < 0 && !op_was_declined(*ret) ? 0 : *ret, &res);
}

static bool run_relative(struct route *route, int64_t ns, int *ret, int64_t *left)
{
	const struct sleep sleep = { .clock = CLOCK_MONOTONIC, .ns = ns };

	return run_sleep(route, &sleep, ret, left);
}

static int put_left(struct timespec *rem, int64_t left)
{
	struct timespec ts = { left / SECOND, left % SECOND };

	return !rem || sys_poke(rem, &ts, sizeof(ts)) ? -EINTR : -EFAULT;
}

bool call_nanosleep(const struct timespec *time, struct timespec *rem, ssize_t *res)
{
	struct route route;
	int64_t ns, left;
	int ret;

	if (!route_begin(&route, CALL_nanosleep))
		return false;
	if (!wait_time(time, &ns) || ns < 0)
		return route_refuse(CALL_nanosleep, REASON_ARGUMENT);
	if (!run_relative(&route, ns, &ret, &left))
		return false;
	*res = libc_result(ret == -EINTR ? put_left(rem, left) : ret);
	return true;
}

/*
 * Sets what the operation needs to know about the clock. Returns false if no operation supports
 * the clock. Operations ignore time namespaces, so an absolute time on a clock that namespaces
 * shift becomes a relative one. That means the same, because nobody can set these clocks.
 */
static bool set_clock(struct sleep *sleep)
{
	int64_t at;

	switch (sleep->clock) {
	case CLOCK_REALTIME:
		/* A relative sleep does not follow changes of the clock. */
		if (sleep->absolute)
			sleep->timeout_flags = URING_TIMEOUT_ABS | URING_TIMEOUT_REALTIME;
		return true;
	case CLOCK_BOOTTIME:
		sleep->timeout_flags = URING_TIMEOUT_BOOTTIME;
		break;
	case CLOCK_MONOTONIC:
		break;
	default:
		return false;
	}
	if (sleep->absolute) {
		at = clock_now(sleep->clock);
		sleep->ns = sleep->ns > at ? sleep->ns - at : 0;
		sleep->absolute = false;
	}
	return true;
}

/* Sets *res to an error number and leaves errno alone. */
bool call_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
			  struct timespec *rem, ssize_t *res)
{
	struct sleep sleep = { .clock = clock, .absolute = flags & TIMER_ABSTIME };
	int saved = errno;
	struct route route;
	int64_t left;
	int ret;

	if (!route_begin(&route, CALL_clock_nanosleep))
		return false;
	if (flags & ~TIMER_ABSTIME || !wait_time(time, &sleep.ns) || sleep.ns < 0 ||
	    !set_clock(&sleep))
		return route_refuse(CALL_clock_nanosleep, REASON_ARGUMENT);
	if (!run_sleep(&route, &sleep, &ret, &left))
		return false;
	if (ret == -EINTR && !(flags & TIMER_ABSTIME))
		ret = put_left(rem, left);
	*res = -ret;
	errno = saved;
	return true;
}

bool call_usleep(useconds_t us, ssize_t *res)
{
	struct route route;
	int64_t left;
	int ret;

	if (!route_begin(&route, CALL_usleep) ||
	    !run_relative(&route, (int64_t)us * 1000, &ret, &left))
		return false;
	*res = libc_result(ret);
	return true;
}

/* Sets *res to the seconds that are left, and errno if a signal ended the sleep. */
bool call_sleep(unsigned seconds, ssize_t *res)
{
	struct route route;
	int64_t left;
	int ret;

	if (!route_begin(&route, CALL_sleep) ||
	    !run_relative(&route, (int64_t)seconds * SECOND, &ret, &left))
		return false;
	*res = libc_result(ret) < 0 ? left / SECOND : 0;
	return true;
}

#include "shim/calls/made-exports-sleep.h"

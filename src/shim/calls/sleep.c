/* The wait family: sleeping. */
#include <time.h>
#include <unistd.h>
#include "shim/calls/wait.h"
#include "shim/prototypes.h"
#include "shim/sys.h"

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

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

/* As contract_run; *left: of a relative time, when a signal came. */
static int run(struct route *route, int64_t ns, unsigned flags, int64_t *left)
{
	struct uring_timespec ts = { ns / SECOND, ns % SECOND };
	struct operation op = wait_operation();
	int64_t until = now() + ns;
	int ret;

	fill_timeout(&op.sqe, (struct entry_timeout){ .time = &ts, .flags = flags });
	ret = contract_run(route->thread, &op);
	*left = until - now();
	if (*left < 0)
		*left = 0;
	return ret == -ETIME ? 0 : ret;
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

	if (!route_thread(&route, CALL_nanosleep))
		return false;
	if (!wait_time(time, &ns) || ns < 0)
		return route_direct(CALL_nanosleep, REASON_ARGUMENT);
	ret = run(&route, ns, 0, &left);
	return route_finish(&route, ret == -EINTR ? put_left(rem, left) : ret, res);
}

static bool clock_flag(clockid_t clock, int flags, unsigned *flag)
{
	*flag = 0;
	if (flags & ~TIMER_ABSTIME)
		return false;
	if (flags & TIMER_ABSTIME)
		*flag = URING_TIMEOUT_ABS;
	switch (clock) {
	case CLOCK_REALTIME:
		/* A relative time does not follow changes of the clock. */
		*flag |= flags & TIMER_ABSTIME ? URING_TIMEOUT_REALTIME : 0;
		return true;
	case CLOCK_BOOTTIME:
		*flag |= URING_TIMEOUT_BOOTTIME;
		return true;
	}
	return clock == CLOCK_MONOTONIC;
}

/* Returns an error number, and leaves errno alone. */
bool call_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
			  struct timespec *rem, ssize_t *res)
{
	int saved = errno;
	struct route route;
	int64_t ns, left;
	unsigned flag;
	int ret;

	if (!route_thread(&route, CALL_clock_nanosleep))
		return false;
	if (!clock_flag(clock, flags, &flag) || !wait_time(time, &ns) || ns < 0)
		return route_direct(CALL_clock_nanosleep, REASON_ARGUMENT);
	ret = run(&route, ns, flag, &left);
	if (ret == -EINTR && !(flags & TIMER_ABSTIME))
		ret = put_left(rem, left);
	if (!route_finish(&route, ret, res))
		return false;
	*res = -ret;
	errno = saved;
	return true;
}

bool call_usleep(useconds_t us, ssize_t *res)
{
	struct route route;
	int64_t left;

	if (!route_thread(&route, CALL_usleep))
		return false;
	return route_finish(&route, run(&route, (int64_t)us * 1000, 0, &left), res);
}

/* Returns the seconds that are left, with errno set. */
bool call_sleep(unsigned seconds, ssize_t *res)
{
	struct route route;
	int64_t left;

	if (!route_thread(&route, CALL_sleep))
		return false;
	if (!route_finish(&route, run(&route, (int64_t)seconds * SECOND, 0, &left), res))
		return false;
	if (*res < 0)
		*res = left / SECOND;
	return true;
}

#include "shim/calls/made-exports-sleep.h"

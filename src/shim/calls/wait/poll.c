/*
 * The wait family: events. Waiting for several descriptors is one submission
 * of an operation each, of which the first completion ends the others.
 */
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include "shim/calls/wait/blocking.h"
#include "shim/symbols/next-symbol.h"
#include "shim/symbols/prototypes.h"
#include "shim/base/sys.h"

/* The descriptors of one call; revents are those asked for, errors besides. */
struct set {
	struct pollfd fds[BATCH_MAX];
	unsigned count;
	/* Those that are waited for, by their index. */
	uint8_t waited[BATCH_MAX];
	unsigned waited_count;
};

static short events_of(const struct pollfd *fd, int res)
{
	if (res == -ECANCELED)
		return 0;
	if (res == -EBADF)
		return POLLNVAL;
	return (short)(res & (fd->events | POLLERR | POLLHUP));
}

static void fill_poll_entry(const struct batch *batch, unsigned i, struct uring_sqe *sqe)
{
	const struct set *set = batch->what;
	const struct pollfd *fd = &set->fds[set->waited[i]];

	fill_poll(sqe, (struct entry_poll){ .fd = fd->fd, .events = fd->events });
}

/* Sets the events from the results: how many descriptors have any, or an error. */
static int put_events(struct set *set, const int *res)
{
	int with = 0;

	for (unsigned i = 0; i < set->count; i++)
		set->fds[i].revents = 0;
	for (unsigned i = 0; i < set->waited_count; i++) {
		struct pollfd *fd = &set->fds[set->waited[i]];

		/* Something that was not asked for: only the native call waits on. */
		if (res[i] < 0 && res[i] != -ECANCELED && res[i] != -EBADF)
			return DECLINED(ARGUMENT);
		fd->revents = events_of(fd, res[i]);
		with += fd->revents != 0;
	}
	return with;
}

/*
 * Whether an operation would not tell the same: on a signalfd, and on what may
 * have one in it, depends what the thread that makes it has pending.
 */
static bool depends_on_thread(struct thread *thread, const struct set *set)
{
	for (unsigned i = 0; queue_is_polled(thread) && i < set->waited_count; i++)
		if (fd_kind(fd_get(set->fds[set->waited[i]].fd)) == FD_OTHER)
			return true;
	return false;
}

/* As op_run, for how many descriptors have events; op becomes what is run. */
static int run_poll(struct route *route, struct set *set, struct operation *op, int64_t ns)
{
	int res[BATCH_MAX];
	struct batch batch = { .fill = fill_poll_entry, .what = set, .res = res, .any = true };
	int ret;

	set->waited_count = 0;
	for (unsigned i = 0; i < set->count; i++)
		if (set->fds[i].fd >= 0)
			set->waited[set->waited_count++] = (uint8_t)i;
	batch.count = set->waited_count;
	if (!batch.count || !thread_can_take_batch(route->thread, batch.count) ||
	    depends_on_thread(route->thread, set))
		return DECLINED(ARGUMENT);
	*op = wait_operation();
	op->batch = &batch;
	wait_bound(route, op, ns);
	ret = op_run(route->thread, op);
	if (ret < 0)
		return ret;
	ret = put_events(set, res);
	return ret || op->expired ? ret : DECLINED(ARGUMENT);
}

/* The native call goes on with a wait that no ring may end. */
static int resume_poll(const struct operation *op, struct pollfd *fds, nfds_t count, int64_t ns)
{
	int64_t left = wait_left(op);
	struct timespec time = { left / 1000000000, left % 1000000000 };

	return NEXT(ppoll)(fds, count, ns < 0 ? NULL : &time, NULL);
}

/* What has room for a set is called when the ring is there, the making of which takes room too. */
static __attribute__((noinline)) bool poll_set(struct route *route, struct pollfd *fds,
					       nfds_t count, int64_t ns, ssize_t *res)
{
	struct operation op;
	struct set set;
	int ret;

	set.count = (unsigned)count;
	if (!sys_peek(set.fds, fds, count * sizeof(*fds)))
		return route_refuse(route->call, REASON_ARGUMENT);
	ret = run_poll(route, &set, &op, ns);
	if (ret == DECLINED(RESTART))
		return wait_resumed(route->call, resume_poll(&op, fds, count, ns), res);
	if (ret >= 0 && !sys_poke(fds, set.fds, count * sizeof(*fds)))
		ret = -EFAULT;
	return route_finish(route, ret, res);
}

static bool ring_poll(enum call call, struct pollfd *fds, nfds_t count, int64_t ns, ssize_t *res)
{
	struct route route;

	if (!route_begin(&route, call))
		return false;
	if (count > BATCH_MAX)
		return route_refuse(call, REASON_ARGUMENT);
	if (!thread_ensure_ring(route.thread))
		return route_refuse(call, REASON_NO_RING);
	return poll_set(&route, fds, count, ns, res);
}

bool call_poll(struct pollfd *fds, nfds_t count, int timeout, ssize_t *res)
{
	return ring_poll(CALL_poll, fds, count, timeout < 0 ? -1 : timeout * 1000000ll, res);
}

/* A mask that is in force just as long as the wait is the native call's business. */
bool call_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		const sigset_t *mask, ssize_t *res)
{
	int64_t ns = -1;

	if (route_calls[CALL_ppoll].reason == REASON_RING && (mask || !wait_time(timeout, &ns)))
		return route_refuse(CALL_ppoll, REASON_ARGUMENT);
	return ring_poll(CALL_ppoll, fds, count, ns, res);
}

/* The sets of select, in the order of its arguments, and what each stands for. */
enum { SETS = 3 };

static const struct {
	short events;	/* that are waited for */
	short means;	/* that set a bit */
} sets[SETS] = {
	{ POLLIN | POLLRDNORM | POLLRDBAND, POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR },
	{ POLLOUT | POLLWRNORM | POLLWRBAND, POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR },
	{ POLLPRI, POLLPRI },
};

static size_t set_size(int count)
{
	return ((size_t)count + 63) / 64 * 8;
}

/* The list's entry for fd, which is made if need be; NULL: it is full. */
static struct pollfd *entry_for(struct set *set, int fd)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->fds[i].fd == fd)
			return &set->fds[i];
	if (set->count == BATCH_MAX)
		return NULL;
	set->fds[set->count] = (struct pollfd){ .fd = fd };
	return &set->fds[set->count++];
}

/* Makes a list of the descriptors in the sets, of which one at a time is looked at. */
static bool take_sets(struct set *set, fd_set *const given[SETS], int count)
{
	fd_set copy;

	set->count = 0;
	for (int i = 0; i < SETS; i++) {
		if (given[i] && !sys_peek(&copy, given[i], set_size(count)))
			return false;
		for (int fd = 0; given[i] && fd < count; fd++) {
			struct pollfd *entry = FD_ISSET(fd, &copy) ? entry_for(set, fd) : NULL;

			if (entry)
				entry->events |= sets[i].events;
			else if (FD_ISSET(fd, &copy))
				return false;
		}
	}
	return true;
}

/* Whether what came belongs in set i. */
static bool is_in(const struct pollfd *fd, int i)
{
	return fd->events & sets[i].events && fd->revents & sets[i].means;
}

/* How many bits there are to be set. What is not open is the native call's to judge. */
static int count_bits(const struct set *set)
{
	int bits = 0;

	for (unsigned n = 0; n < set->count; n++) {
		if (set->fds[n].revents & POLLNVAL)
			return DECLINED(ARGUMENT);
		for (int i = 0; i < SETS; i++)
			bits += is_in(&set->fds[n], i);
	}
	return bits;
}

/* Leaves the bits of what came, in one set at a time. */
static bool put_sets(const struct set *set, fd_set *const given[SETS], int count)
{
	fd_set copy;

	for (int i = 0; i < SETS; i++) {
		memset(&copy, 0, sizeof(copy));
		for (unsigned n = 0; n < set->count; n++)
			if (is_in(&set->fds[n], i))
				FD_SET(set->fds[n].fd, &copy);
		if (given[i] && !sys_poke(given[i], &copy, set_size(count)))
			return false;
	}
	return true;
}

static int resume_select(const struct operation *op, int count, fd_set *const given[SETS],
			 int64_t ns)
{
	int64_t left = wait_left(op);
	struct timespec time = { left / 1000000000, left % 1000000000 };

	return NEXT(pselect)(count, given[0], given[1], given[2], ns < 0 ? NULL : &time, NULL);
}

static __attribute__((noinline)) bool select_sets(struct route *route, int count,
						  fd_set *const given[SETS], int64_t ns,
						  ssize_t *res)
{
	struct operation op;
	struct set set;
	int ret;

	if (!take_sets(&set, given, count))
		return route_refuse(route->call, REASON_ARGUMENT);
	ret = run_poll(route, &set, &op, ns);
	if (ret == DECLINED(RESTART))
		return wait_resumed(route->call, resume_select(&op, count, given, ns), res);
	/* Nothing came in time, or what did: a hang-up that no set asks for ends no wait. */
	if (ret > 0)
		ret = count_bits(&set) ? count_bits(&set) : DECLINED(ARGUMENT);
	if (ret >= 0 && !put_sets(&set, given, count))
		ret = -EFAULT;
	return route_finish(route, ret, res);
}

static bool ring_select(enum call call, int count, fd_set *const given[SETS], int64_t ns,
			ssize_t *res)
{
	struct route route;

	if (!route_begin(&route, call))
		return false;
	if (count < 0 || count > FD_SETSIZE)
		return route_refuse(call, REASON_ARGUMENT);
	if (!thread_ensure_ring(route.thread))
		return route_refuse(call, REASON_NO_RING);
	return select_sets(&route, count, given, ns, res);
}

bool call_pselect(int count, fd_set *in, fd_set *out, fd_set *except,
		  const struct timespec *timeout, const sigset_t *mask, ssize_t *res)
{
	fd_set *const given[SETS] = { in, out, except };
	int64_t ns = -1;

	if (route_calls[CALL_pselect].reason == REASON_RING && (mask || !wait_time(timeout, &ns)))
		return route_refuse(CALL_pselect, REASON_ARGUMENT);
	return ring_select(CALL_pselect, count, given, ns, res);
}

/* What is left of the time goes back to the caller. */
bool call_select(int count, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout,
		 ssize_t *res)
{
	fd_set *const given[SETS] = { in, out, except };
	struct timespec start, end;
	struct timeval copy;
	int64_t ns = -1, left;
	bool writable = false;

	if (route_calls[CALL_select].reason != REASON_RING)
		return route_refuse(CALL_select, route_calls[CALL_select].reason);
	if (timeout) {
		if (!sys_peek(&copy, timeout, sizeof(copy)) || copy.tv_sec < 0 ||
		    copy.tv_sec > INT32_MAX || copy.tv_usec < 0 || copy.tv_usec >= 1000000)
			return route_refuse(CALL_select, REASON_ARGUMENT);
		ns = copy.tv_sec * 1000000000ll + copy.tv_usec * 1000;
		/* Later a filter may forbid to try; what cannot be written natively stays. */
		writable = sys_poke(timeout, &copy, sizeof(copy));
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (!ring_select(CALL_select, count, given, ns, res))
		return false;
	if (!writable)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &end);
	left = ns - (end.tv_sec - start.tv_sec) * 1000000000ll - (end.tv_nsec - start.tv_nsec);
	left = left < 0 ? 0 : left / 1000;
	*timeout = (struct timeval){ left / 1000000, left % 1000000 };
	return true;
}

/*
 * One that finds events. Who waits for some by ring is none of epoll's own
 * waiters: where one of them is to be woken (EPOLLEXCLUSIVE), others would be
 * too. So the ring does not wait, and the native call does.
 */
static bool ring_epoll(enum call call, int fd, struct epoll_event *events, int max, int64_t ns,
		       ssize_t *res)
{
	struct route route;
	struct operation op = wait_operation();
	int ret;

	if (!route_begin(&route, call))
		return false;
	if (max <= 0)
		return route_refuse(call, REASON_ARGUMENT);
	if (!thread_ensure_ring(route.thread))
		return route_refuse(call, REASON_NO_RING);
	/* As of poll: there may be a signalfd in it. */
	if (queue_is_polled(route.thread))
		return route_refuse(call, REASON_KIND);
	uring_prep_epoll_wait(&op.sqe, fd, events, (unsigned)max);
	wait_bound(&route, &op, 0);
	ret = op_run(route.thread, &op);
	if (ret == 0 && ns)
		return route_refuse(call, REASON_KIND);
	return route_finish(&route, ret == -EINVAL ? DECLINED(ARGUMENT) : ret, res);
}

bool call_epoll_wait(int fd, struct epoll_event *events, int max, int timeout, ssize_t *res)
{
	return ring_epoll(CALL_epoll_wait, fd, events, max,
			  timeout < 0 ? -1 : timeout * 1000000ll, res);
}

bool call_epoll_pwait(int fd, struct epoll_event *events, int max, int timeout,
		      const sigset_t *mask, ssize_t *res)
{
	if (route_calls[CALL_epoll_pwait].reason == REASON_RING && mask)
		return route_refuse(CALL_epoll_pwait, REASON_ARGUMENT);
	return ring_epoll(CALL_epoll_pwait, fd, events, max,
			  timeout < 0 ? -1 : timeout * 1000000ll, res);
}

bool call_epoll_pwait2(int fd, struct epoll_event *events, int max, const struct timespec *timeout,
		       const sigset_t *mask, ssize_t *res)
{
	int64_t ns = -1;

	if (route_calls[CALL_epoll_pwait2].reason == REASON_RING && (mask || !wait_time(timeout, &ns)))
		return route_refuse(CALL_epoll_pwait2, REASON_ARGUMENT);
	return ring_epoll(CALL_epoll_pwait2, fd, events, max, ns, res);
}

#include "shim/calls/made-exports-poll.h"

/* SPDX-License-Identifier: MIT */
/*
 * The wait family: poll(), select() and epoll_wait() with their variants. A wait for several
 * descriptors submits one operation for each of them together; the first completion ends the
 * others.
 */
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include "shim/calls/wait/blocking.h"
#include "shim/symbols/next-symbol.h"
#include "shim/symbols/prototypes.h"
#include "shim/base/sys.h"

/* The descriptors of one call. revents has only requested events, errors and hang-ups. */
struct set {
	struct pollfd fds[BATCH_MAX];
	unsigned count;
	/* The indices of the descriptors that are waited for. */
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

/* Sets revents from the results. Returns how many descriptors have events, or DECLINED(). */
static int put_events(struct set *set, const int *res)
{
	int with = 0;

	for (unsigned i = 0; i < set->count; i++)
		set->fds[i].revents = 0;
	for (unsigned i = 0; i < set->waited_count; i++) {
		struct pollfd *fd = &set->fds[set->waited[i]];

		/* An error of the operation, which only the native call can judge. */
		if (res[i] < 0 && res[i] != -ECANCELED && res[i] != -EBADF)
			return DECLINED(ARGUMENT);
		fd->revents = events_of(fd, res[i]);
		with += fd->revents != 0;
	}
	return with;
}

/*
 * Returns true if an SQPOLL thread would report other events. The events of a signalfd, and of
 * a descriptor that contains one, depend on the signals that are pending for the thread that
 * asks.
 */
static bool depends_on_thread(struct thread *thread, const struct set *set)
{
	for (unsigned i = 0; queue_is_polled(thread) && i < set->waited_count; i++)
		if (fd_kind(fd_get(set->fds[set->waited[i]].fd)) == FD_OTHER)
			return true;
	return false;
}

/*
 * Waits for events on the descriptors of set. Returns how many have events, or what op_run()
 * returns if the operation failed or was declined. *op becomes the operation that was run.
 */
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
	/* Without an event that was asked for, only the native call continues the wait. */
	return ret || op->status.expired ? ret : DECLINED(ARGUMENT);
}

/* Continues a wait with the native call after rings were forbidden. */
static int resume_poll(const struct operation *op, struct pollfd *fds, nfds_t count, int64_t ns)
{
	int64_t left = wait_left(op);
	struct timespec time = { left / 1000000000, left % 1000000000 };

	return NEXT(ppoll)(fds, count, ns < 0 ? NULL : &time, NULL);
}

/*
 * Not inlined, and called only when the ring exists: a set takes stack space, and so does
 * creating a ring.
 */
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

/* A signal mask that applies only during the wait is left to the native call. */
bool call_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		const sigset_t *mask, ssize_t *res)
{
	int64_t ns = -1;

	if (route_calls[CALL_ppoll].reason == REASON_RING && (mask || !wait_time(timeout, &ns)))
		return route_refuse(CALL_ppoll, REASON_ARGUMENT);
	return ring_poll(CALL_ppoll, fds, count, ns, res);
}

/* The sets of select(), in the order of its arguments, and the events that each stands for. */
enum { SETS = 3 };

static const struct {
	short events; /* events to wait for */
	short means;  /* events that set a bit */
} sets[SETS] = {
	{ POLLIN | POLLRDNORM | POLLRDBAND, POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR },
	{ POLLOUT | POLLWRNORM | POLLWRBAND, POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR },
	{ POLLPRI, POLLPRI },
};

static size_t set_size(int count)
{
	return ((size_t)count + 63) / 64 * 8;
}

/* Returns the entry for fd in the list, adding one if needed, or NULL if the list is full. */
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

/*
 * Makes a list of the descriptors in the sets, looking at one set at a time. Returns false if
 * the list is full or a set is at a bad address.
 */
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

/* Returns true if fd has an event that belongs in set i. */
static bool is_in(const struct pollfd *fd, int i)
{
	return fd->events & sets[i].events && fd->revents & sets[i].means;
}

/*
 * Returns how many bits are to be set, or DECLINED() if a descriptor is not open: that is for
 * the native call to judge.
 */
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

/* Writes the resulting bits, one set at a time. Returns false at a bad address. */
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
	/* A hang-up that no set asks for does not end the wait: the native call continues. */
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

/* The time that is left is written back to the caller. */
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
		/*
		 * Try now, because a filter can forbid it later. If *timeout is not writable,
		 * it keeps its value, as natively.
		 */
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
 * Makes a call that finds events at once. An operation that waits is not one of epoll's own
 * waiters: if only one of them is to wake up (EPOLLEXCLUSIVE), others would wake up too. So the
 * ring does not wait, and the native call does.
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
	/* The epoll instance can contain a signalfd (see depends_on_thread()). */
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
	return ring_epoll(CALL_epoll_wait, fd, events, max, timeout < 0 ? -1 : timeout * 1000000ll,
			  res);
}

bool call_epoll_pwait(int fd, struct epoll_event *events, int max, int timeout,
		      const sigset_t *mask, ssize_t *res)
{
	if (route_calls[CALL_epoll_pwait].reason == REASON_RING && mask)
		return route_refuse(CALL_epoll_pwait, REASON_ARGUMENT);
	return ring_epoll(CALL_epoll_pwait, fd, events, max, timeout < 0 ? -1 : timeout * 1000000ll,
			  res);
}

bool call_epoll_pwait2(int fd, struct epoll_event *events, int max, const struct timespec *timeout,
		       const sigset_t *mask, ssize_t *res)
{
	int64_t ns = -1;

	if (route_calls[CALL_epoll_pwait2].reason == REASON_RING &&
	    (mask || !wait_time(timeout, &ns)))
		return route_refuse(CALL_epoll_pwait2, REASON_ARGUMENT);
	return ring_epoll(CALL_epoll_pwait2, fd, events, max, ns, res);
}

#include "shim/calls/made-exports-poll.h"

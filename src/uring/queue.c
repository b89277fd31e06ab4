/* SPDX-License-Identifier: MIT */
/* Submits entries, waits for completions and reaps them. */
#include <poll.h>
#include <time.h>

#include "internal.h"
#include "sys.h"

/* Makes the system call. Inline, because every operation takes this path. */
static inline int enter_own(const struct uring *ring, unsigned to_submit, unsigned min_complete,
			    unsigned flags, const void *arg, size_t argsz)
{
	flags |= ring->enter_flags;
	return (int)sys_call6(SYS_io_uring_enter, (unsigned)ring->enter_fd, to_submit, min_complete,
			      flags, (long)arg, (long)argsz);
}

/*
 * Refuses a ring that is registered in another thread: here its index names another ring or
 * none.
 */
static inline int enter(const struct uring *ring, unsigned to_submit, unsigned min_complete,
			unsigned flags, const void *arg, size_t argsz)
{
	if (unlikely(uringi_is_of_another_thread(ring)))
		return -EEXIST;
	return enter_own(ring, to_submit, min_complete, flags, arg, argsz);
}

int uring_enter(struct uring *ring, unsigned to_submit, unsigned min_complete, unsigned flags,
		const void *arg, size_t argsz)
{
	if (!ring)
		return -EINVAL;
	if (ring->enter_fd < 0)
		return -EBADF;
	return enter(ring, to_submit, min_complete, flags, arg, argsz);
}

/* Returns true if ts is a valid timeout. The kernel treats an invalid one as expired. */
static int is_time(const struct uring_timespec *ts)
{
	return ts->tv_sec >= 0 && ts->tv_nsec >= 0 && ts->tv_nsec < 1000000000;
}

static struct timespec deadline_after(const struct uring_timespec *timeout)
{
	const int64_t for_ever = 1 << 30; /* 34 years, no overflow */
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += timeout->tv_sec < for_ever ? timeout->tv_sec : for_ever;
	at.tv_sec += timeout->tv_nsec / 1000000000;
	at.tv_nsec += timeout->tv_nsec % 1000000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

/* Stores the time left until deadline. Returns false if deadline has passed. */
static int time_left(struct timespec *left, const struct timespec *deadline)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left->tv_sec = deadline->tv_sec - now.tv_sec;
	left->tv_nsec = deadline->tv_nsec - now.tv_nsec;
	if (left->tv_nsec < 0) {
		left->tv_sec--;
		left->tv_nsec += 1000000000;
	}
	return left->tv_sec >= 0;
}

/*
 * Sleeps until the ring can have more completions. Its descriptor is readable as long as it
 * has one, so once one is there this only takes naps of at most a millisecond.
 */
static int poll_ring(const struct uring *ring, const struct timespec *left)
{
	struct timespec nap = { .tv_nsec = 1000000 };
	struct pollfd pfd = { .fd = ring->fd, .events = POLLIN };
	int some = uring_cq_ready(ring) != 0;

	if (left->tv_sec == 0 && left->tv_nsec < nap.tv_nsec)
		nap = *left;
	return (int)sys_call6(SYS_ppoll, (long)&pfd, !some, (long)(some ? &nap : left), 0, 0, 0);
}

/*
 * Submits and waits with a timeout on kernels before 5.11, which accept none with a wait. A
 * ring on such a kernel always has a descriptor.
 */
static int enter_and_poll(struct uring *ring, unsigned to_submit, unsigned wait_nr, unsigned flags,
			  const struct uring_timespec *timeout)
{
	struct timespec deadline, left;
	int submitted, ret;

	submitted = enter(ring, to_submit, 0, flags, NULL, 0);
	if (submitted < 0)
		return submitted;
	if (wait_nr > ring->cq.entries)
		wait_nr = ring->cq.entries;
	deadline = deadline_after(timeout);
	for (ret = 0; ret >= 0 && uring_cq_ready(ring) < wait_nr;) {
		if (!time_left(&left, &deadline)) {
			ret = -ETIME;
			break;
		}
		ret = poll_ring(ring, &left);
		if (ret >= 0)
			ret = enter(ring, 0, 0, flags, NULL, 0);
	}
	if (submitted || uring_cq_ready(ring))
		return submitted;
	return ret < 0 ? ret : 0;
}

static const struct uring_timespec *timeout_of(const struct uring_getevents_arg *arg)
{
	return (const struct uring_timespec *)(uintptr_t)arg->ts;
}

/* Returns 0 if this kernel can end a wait as arg says, otherwise -EINVAL. */
static int check_limits(const struct uring *ring, const struct uring_getevents_arg *arg)
{
	const uint32_t both = URING_FEAT_EXT_ARG | URING_FEAT_MIN_TIMEOUT;

	if (arg && arg->min_wait_usec && (ring->features & both) != both)
		return -EINVAL;
	if (arg && arg->ts && arg->sigmask && !(ring->features & URING_FEAT_EXT_ARG))
		return -EINVAL;
	return 0;
}

static int enter_and_wait(struct uring *ring, unsigned to_submit, unsigned wait_nr, unsigned flags,
			  const struct uring_getevents_arg *arg)
{
	if (!arg)
		return enter(ring, to_submit, wait_nr, flags, NULL, 0);
	if (ring->features & URING_FEAT_EXT_ARG)
		return enter(ring, to_submit, wait_nr, flags | URING_ENTER_EXT_ARG, arg,
			     sizeof(*arg));
	if (arg->ts)
		return enter_and_poll(ring, to_submit, wait_nr, flags, timeout_of(arg));
	return enter(ring, to_submit, wait_nr, flags, (void *)(uintptr_t)arg->sigmask,
		     arg->sigmask_sz);
}

/* uring_flush_sq without its checks. */
static inline unsigned flush_sq(struct uring *ring)
{
	struct uring_sq *sq = &ring->sq;
	unsigned tail = sq->sqe_tail;

	/* Release: the entries are written before the tail that publishes them. */
	__atomic_store_n(sq->tail, tail, __ATOMIC_RELEASE);
	return tail - __atomic_load_n(sq->head, __ATOMIC_ACQUIRE);
}

/*
 * Publishes the entries. Returns true if the kernel must be entered, and sets for how many
 * entries and with which flags.
 */
static inline int prepare_enter(struct uring *ring, unsigned wait_nr, unsigned *to_submit,
				unsigned *flags)
{
	unsigned fresh = ring->sq.sqe_tail - *ring->sq.tail;
	unsigned pending = flush_sq(ring);

	/*
	 * A kernel thread may not have taken all earlier entries yet. Those were counted
	 * when they were published.
	 */
	*to_submit = ring->flags & URING_SETUP_SQPOLL ? fresh : pending;
	if (wait_nr || ring->flags & URING_SETUP_IOPOLL || uring_cq_ring_needs_flush(ring))
		*flags |= URING_ENTER_GETEVENTS;
	return (pending && uring_sq_ring_needs_enter(ring, flags)) ||
		*flags & URING_ENTER_GETEVENTS;
}

/* Submits to a ring with a kernel thread or with polling, or with a time limit. */
static __attribute__((noinline)) int submit_slowly(struct uring *ring, unsigned wait_nr,
						   const struct uring_timespec *timeout)
{
	struct uring_getevents_arg arg = { .ts = (uintptr_t)timeout };
	unsigned to_submit, flags = 0;

	if (timeout && wait_nr && !is_time(timeout))
		return -EINVAL;
	if (!prepare_enter(ring, wait_nr, &to_submit, &flags))
		return (int)to_submit;
	return enter_and_wait(ring, to_submit, wait_nr, flags, timeout && wait_nr ? &arg : NULL);
}

int uring_submit(struct uring *ring, unsigned wait_nr, const struct uring_timespec *timeout)
{
	unsigned pending, flags;

	if (!ring)
		return -EINVAL;
	if (!ring->sq.tail)
		return -EBADF;
	if (timeout || ring->flags & (URING_SETUP_SQPOLL | URING_SETUP_IOPOLL))
		return submit_slowly(ring, wait_nr, timeout);
	if (unlikely(uringi_is_of_another_thread(ring)))
		return -EEXIST;
	/* prepare_enter, reduced to the steps that such a ring needs. */
	pending = flush_sq(ring);
	flags = wait_nr || uring_cq_ring_needs_flush(ring) ? URING_ENTER_GETEVENTS : 0;
	if (!pending && !flags)
		return 0;
	return enter_own(ring, pending, wait_nr, flags, NULL, 0);
}

int uring_submit_wait(struct uring *ring, unsigned wait_nr, unsigned flags,
		      const struct uring_getevents_arg *arg)
{
	unsigned to_submit;

	if (!ring)
		return -EINVAL;
	if (!ring->sq.entries)
		return -EBADF;
	if (check_limits(ring, arg))
		return -EINVAL;
	flags |= URING_ENTER_GETEVENTS;
	prepare_enter(ring, wait_nr, &to_submit, &flags);
	return enter_and_wait(ring, to_submit, wait_nr, flags, arg);
}

int uring_submit_wait_reg(struct uring *ring, unsigned wait_nr, unsigned index)
{
	unsigned to_submit, flags;

	if (!ring)
		return -EINVAL;
	if (!ring->sq.entries)
		return -EBADF;
	if (!(ring->features & URING_FEAT_EXT_ARG))
		return -EINVAL;
	flags = URING_ENTER_GETEVENTS | URING_ENTER_EXT_ARG | URING_ENTER_EXT_ARG_REG;
	prepare_enter(ring, wait_nr, &to_submit, &flags);
	/* The kernel expects the byte offset of the argument in the region. */
	return enter(ring, to_submit, wait_nr, flags,
		     (void *)(index * sizeof(struct uring_reg_wait)),
		     sizeof(struct uring_reg_wait));
}

int uring_get_events(struct uring *ring)
{
	if (!ring)
		return -EINVAL;
	if (ring->enter_fd < 0)
		return -EBADF;
	return enter(ring, 0, 0, URING_ENTER_GETEVENTS, NULL, 0);
}

int uring_sq_wait(struct uring *ring)
{
	int ret;

	if (!ring)
		return -EINVAL;
	if (ring->enter_fd < 0)
		return -EBADF;
	if (!(ring->flags & URING_SETUP_SQPOLL))
		return 0;
	/* Up to 6.12 the wait can end a moment before the kernel moves the head. */
	while (!uring_free_space(ring)) {
		ret = enter(ring, 0, 0, URING_ENTER_SQ_WAIT, NULL, 0);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int uring_set_iowait(struct uring *ring, int on)
{
	if (!ring)
		return -EINVAL;
	if (!(ring->features & URING_FEAT_NO_IOWAIT))
		return -EOPNOTSUPP;
	if (on)
		ring->enter_flags &= ~URING_ENTER_NO_IOWAIT;
	else
		ring->enter_flags |= URING_ENTER_NO_IOWAIT;
	return 0;
}

static unsigned copy_mixed(struct uring *ring, struct uring_cqe *cqes, unsigned nr, unsigned ready)
{
	unsigned from = 0, to = 0;

	while (from < ready) {
		const struct uring_cqe *cqe = uring_cqe_at(ring, from);
		unsigned slots = uring_cqe_slots(cqe);

		/* Filler at the end of the ring, where a large entry did not fit. */
		if (cqe->flags & URING_CQE_F_SKIP) {
			from++;
			continue;
		}
		if (slots > nr - to)
			break;
		__builtin_memcpy(&cqes[to], cqe, slots * sizeof(*cqe));
		from += slots;
		to += slots;
	}
	uring_cq_advance(ring, from);
	return to;
}

static inline unsigned copy_ready(struct uring *ring, struct uring_cqe *cqes, unsigned nr)
{
	unsigned ready = uring_cq_ready(ring);
	unsigned i;

	if (!ready || !cqes)
		return 0;
	if (ring->flags & URING_SETUP_CQE_MIXED)
		return copy_mixed(ring, cqes, nr, ready);
	if (nr > ready)
		nr = ready;
	if (ring->cq.cqe_shift) {
		for (i = 0; i < nr; i++)
			__builtin_memcpy(&cqes[2 * i], uring_cqe_at(ring, i), 2 * sizeof(*cqes));
	} else {
		for (i = 0; i < nr; i++)
			cqes[i] = *uring_cqe_at(ring, i);
	}
	uring_cq_advance(ring, nr);
	return nr;
}

unsigned uring_copy_cqes_ready(struct uring *ring, struct uring_cqe *cqes, unsigned nr)
{
	return copy_ready(ring, cqes, nr);
}

/* Returns true if completions can stay hidden until we enter the kernel. */
static int must_enter_to_see(const struct uring *ring)
{
	if (ring->flags & URING_SETUP_IOPOLL)
		return 1;
	if (ring->flags & URING_SETUP_DEFER_TASKRUN && !(ring->flags & URING_SETUP_TASKRUN_FLAG))
		return 1;
	return uring_cq_ring_needs_flush(ring);
}

/*
 * Waits until a completion is there. One wait may not do: a timeout operation that
 * completes ends every wait on the ring, sometimes before its completion is there.
 */
static int wait_for(struct uring *ring, unsigned wait_nr, unsigned flags,
		    const struct uring_getevents_arg *arg)
{
	int relative = arg && arg->ts && !(flags & URING_ENTER_ABS_TIMER);
	struct timespec deadline, left;
	struct uring_getevents_arg rest;
	struct uring_timespec again;
	int ret;

	if (relative)
		deadline = deadline_after(timeout_of(arg));
	for (;;) {
		ret = enter_and_wait(ring, 0, wait_nr, flags | URING_ENTER_GETEVENTS, arg);
		if (uring_peek_cqe(ring))
			return 0;
		if (ret < 0)
			return ret;
		if (!relative)
			continue;
		if (!time_left(&left, &deadline))
			return -ETIME;
		again = (struct uring_timespec){ left.tv_sec, left.tv_nsec };
		rest = *arg;
		rest.ts = (uintptr_t)&again;
		arg = &rest;
	}
}

int uring_wait(struct uring *ring, unsigned wait_nr, unsigned flags,
	       const struct uring_getevents_arg *arg)
{
	if (!ring)
		return -EINVAL;
	if (!ring->cq.entries)
		return -EBADF;
	if (check_limits(ring, arg))
		return -EINVAL;
	if (!wait_nr || (uring_peek_cqe(ring) && uring_cq_ready(ring) >= wait_nr))
		return 0;
	return wait_for(ring, wait_nr, flags, arg);
}

int uring_copy_cqes(struct uring *ring, struct uring_cqe *cqes, unsigned nr, unsigned wait_nr,
		    const struct uring_timespec *timeout)
{
	struct uring_getevents_arg arg = { .ts = (uintptr_t)timeout };
	unsigned copied;
	int ret;

	if (!ring || (nr && !cqes))
		return -EINVAL;
	if (!ring->cq.entries)
		return -EBADF;
	copied = copy_ready(ring, cqes, nr);
	if (copied || !nr)
		return (int)copied;
	if (!wait_nr && !must_enter_to_see(ring))
		return 0;
	if (timeout && wait_nr && !is_time(timeout))
		return -EINVAL;
	if (wait_nr)
		ret = wait_for(ring, wait_nr, 0, timeout ? &arg : NULL);
	else
		ret = uring_get_events(ring);
	copied = copy_ready(ring, cqes, nr);
	return ret < 0 && !copied ? ret : (int)copied;
}

unsigned uring_peek_cqes(struct uring *ring, struct uring_cqe **cqes, unsigned nr)
{
	unsigned ready, from, n = 0;

	if (!ring || !cqes)
		return 0;
	if (!uring_peek_cqe(ring) && uring_cq_ring_needs_flush(ring))
		uring_get_events(ring);
	if (!uring_peek_cqe(ring))
		return 0;
	ready = uring_cq_ready(ring);
	for (from = 0; from < ready && n < nr; n++) {
		cqes[n] = uring_cqe_at(ring, from);
		/* Filler can be given back only when it is the oldest. */
		if (cqes[n]->flags & URING_CQE_F_SKIP)
			break;
		from += ring->flags & URING_SETUP_CQE_MIXED ? uring_cqe_slots(cqes[n]) : 1;
	}
	return n;
}

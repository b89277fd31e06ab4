/* Submitting and reaping. */
#include <poll.h>
#include <time.h>

#include "sys.h"
#include "uring.h"

int uring_enter(struct uring *ring, unsigned to_submit, unsigned min_complete, unsigned flags,
		const void *arg, size_t argsz)
{
	if (!ring)
		return -EINVAL;
	if (ring->enter_fd < 0)
		return -EBADF;
	return uring_sys_enter(ring->enter_fd, to_submit, min_complete,
			       flags | ring->enter_flags, arg, argsz);
}

int uring_register(struct uring *ring, unsigned opcode, const void *arg, unsigned nr_args)
{
	if (!ring)
		return -EINVAL;
	if (ring->fd >= 0)
		return uring_sys_register(ring->fd, opcode, arg, nr_args);
	if (ring->enter_fd < 0)
		return -EBADF;
	return uring_sys_register(ring->enter_fd, opcode | URING_REGISTER_USE_REGISTERED_RING,
				  arg, nr_args);
}

/* The time left until deadline on the monotonic clock; 0 when it has passed. */
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
 * Kernels before 5.11 take no timeout with the wait. Their rings have a
 * descriptor, and that polls readable as soon as one completion is there.
 */
static int enter_and_poll(struct uring *ring, unsigned to_submit, unsigned wait_nr,
			  unsigned flags, const struct uring_timespec *timeout)
{
	struct pollfd pfd = { .fd = ring->fd, .events = POLLIN };
	struct timespec deadline, left;
	int submitted, ret = 0;

	submitted = uring_enter(ring, to_submit, 0, flags, NULL, 0);
	if (submitted < 0)
		return submitted;
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += timeout->tv_sec;
	deadline.tv_nsec += timeout->tv_nsec;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000;
	}
	while (uring_cq_ready(ring) < wait_nr) {
		if (!time_left(&left, &deadline)) {
			ret = -ETIME;
			break;
		}
		/* One is there already, so poll cannot tell us of the next: nap. */
		if (uring_cq_ready(ring)) {
			if (left.tv_sec || left.tv_nsec > 1000000)
				left = (struct timespec){ .tv_nsec = 1000000 };
			pfd.events = 0;
		}
		ret = (int)sys_call6(SYS_ppoll, (long)&pfd, 1, (long)&left, 0, 0, 0);
		if (ret < 0)
			break;
		ret = uring_enter(ring, 0, 0, flags, NULL, 0);
		if (ret < 0)
			break;
	}
	if (submitted)
		return submitted;
	return ret < 0 && !uring_cq_ready(ring) ? ret : 0;
}

static int enter_and_wait(struct uring *ring, unsigned to_submit, unsigned wait_nr,
			  unsigned flags, const struct uring_timespec *timeout)
{
	struct uring_getevents_arg arg = { .ts = (uintptr_t)timeout };

	if (!timeout || !wait_nr)
		return uring_enter(ring, to_submit, wait_nr, flags, NULL, 0);
	if (ring->features & URING_FEAT_EXT_ARG)
		return uring_enter(ring, to_submit, wait_nr, flags | URING_ENTER_EXT_ARG,
				   &arg, sizeof(arg));
	if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000)
		return -EINVAL;
	return enter_and_poll(ring, to_submit, wait_nr, flags, timeout);
}

int uring_submit(struct uring *ring, unsigned wait_nr, const struct uring_timespec *timeout)
{
	unsigned pending, flags = 0;

	if (!ring)
		return -EINVAL;
	if (!ring->sq.entries)
		return -EBADF;
	pending = uring_flush_sq(ring);
	if (wait_nr || ring->flags & URING_SETUP_IOPOLL || uring_cq_ring_needs_flush(ring))
		flags = URING_ENTER_GETEVENTS;
	if (!(pending && uring_sq_ring_needs_enter(ring, &flags)) && !flags)
		return (int)pending;
	return enter_and_wait(ring, pending, wait_nr, flags, timeout);
}

/* An entry's size in slots: uneven only where 16 and 32 bytes are mixed. */
static unsigned cqe_slots(const struct uring *ring, const struct uring_cqe *cqe)
{
	return ring->flags & URING_SETUP_CQE_MIXED && cqe->flags & URING_CQE_F_32 ? 2 : 1;
}

static unsigned copy_mixed(struct uring *ring, struct uring_cqe *cqes, unsigned nr,
			   unsigned ready)
{
	unsigned from = 0, to = 0;

	while (from < ready) {
		const struct uring_cqe *cqe = uring_cqe_at(ring, from);
		unsigned slots = cqe_slots(ring, cqe);

		/* Filler before the end of the ring, where a large entry did not fit. */
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

unsigned uring_copy_cqes_ready(struct uring *ring, struct uring_cqe *cqes, unsigned nr)
{
	unsigned ready, i;
	size_t size;

	ready = uring_cq_ready(ring);
	if (!ready || !cqes)
		return 0;
	if (ring->flags & URING_SETUP_CQE_MIXED)
		return copy_mixed(ring, cqes, nr, ready);
	if (nr > ready)
		nr = ready;
	size = sizeof(*cqes) << ring->cq.cqe_shift;
	for (i = 0; i < nr; i++)
		__builtin_memcpy((char *)cqes + i * size, uring_cqe_at(ring, i), size);
	uring_cq_advance(ring, nr);
	return nr;
}

/* Whether completions can be hidden from us until we enter the kernel. */
static int must_enter_to_see(const struct uring *ring)
{
	if (ring->flags & URING_SETUP_IOPOLL)
		return 1;
	if (ring->flags & URING_SETUP_DEFER_TASKRUN && !(ring->flags & URING_SETUP_TASKRUN_FLAG))
		return 1;
	return uring_cq_ring_needs_flush(ring);
}

int uring_copy_cqes(struct uring *ring, struct uring_cqe *cqes, unsigned nr, unsigned wait_nr,
		    const struct uring_timespec *timeout)
{
	unsigned copied;
	int ret;

	if (!ring || (nr && !cqes))
		return -EINVAL;
	if (!ring->cq.entries)
		return -EBADF;
	copied = uring_copy_cqes_ready(ring, cqes, nr);
	if (copied || !nr)
		return (int)copied;
	if (!wait_nr && !must_enter_to_see(ring))
		return 0;
	ret = enter_and_wait(ring, 0, wait_nr, URING_ENTER_GETEVENTS, timeout);
	copied = uring_copy_cqes_ready(ring, cqes, nr);
	return !copied && ret < 0 ? ret : (int)copied;
}

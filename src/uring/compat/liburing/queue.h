/* SPDX-License-Identifier: MIT */
/* Part of <liburing.h>: taking entries, submitting, waiting, reaping. */
#ifndef RINGSHIM_LIBURING_QUEUE_H
#define RINGSHIM_LIBURING_QUEUE_H

#ifdef __cplusplus
extern "C" {
#endif

/* ---- submission entries ---- */

IOURINGINLINE struct io_uring_sqe *io_uring_get_sqe(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return (struct io_uring_sqe *)uring_get_sqe(&ring->uring, 0);
}

IOURINGINLINE struct io_uring_sqe *_io_uring_get_sqe(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return io_uring_get_sqe(ring);
}

IOURINGINLINE struct io_uring_sqe *io_uring_get_sqe128(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return (struct io_uring_sqe *)uring_get_sqe128(&ring->uring);
}

IOURINGINLINE unsigned io_uring_load_sq_head(const struct io_uring *ring) LIBURING_NOEXCEPT
{
	return __atomic_load_n(ring->uring.sq.head, __ATOMIC_ACQUIRE);
}

IOURINGINLINE unsigned io_uring_sq_ready(const struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_sq_ready(&ring->uring);
}

IOURINGINLINE unsigned io_uring_sq_space_left(const struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_free_space(&ring->uring);
}

IOURINGINLINE int io_uring_sqring_wait(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_sq_wait(&ring->uring);
}

IOURINGINLINE int __io_uring_sqring_wait(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_enter(&ring->uring, 0, 0, URING_ENTER_SQ_WAIT, NULL, 0);
}

IOURINGINLINE unsigned io_uring_sqe_shift_from_flags(unsigned flags) LIBURING_NOEXCEPT
{
	return (flags & URING_SETUP_SQE128) != 0;
}

IOURINGINLINE unsigned io_uring_sqe_shift(const struct io_uring *ring) LIBURING_NOEXCEPT
{
	return io_uring_sqe_shift_from_flags(ring->flags);
}

/* ---- submitting ---- */

IOURINGINLINE int io_uring_submit(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_submit(&ring->uring, 0, NULL);
}

IOURINGINLINE int io_uring_submit_and_wait(struct io_uring *ring,
					   unsigned wait_nr) LIBURING_NOEXCEPT
{
	return uring_submit(&ring->uring, wait_nr, NULL);
}

IOURINGINLINE int io_uring_submit_and_get_events(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_submit_wait(&ring->uring, 0, 0, NULL);
}

IOURINGINLINE int io_uring_get_events(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_get_events(&ring->uring);
}

/* ---- completions in the queue ---- */

IOURINGINLINE unsigned io_uring_cq_ready(const struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_cq_ready(&ring->uring);
}

IOURINGINLINE void io_uring_cq_advance(struct io_uring *ring, unsigned nr) LIBURING_NOEXCEPT
{
	uring_cq_advance(&ring->uring, nr);
}

IOURINGINLINE unsigned io_uring_cqe_nr(const struct io_uring_cqe *cqe) LIBURING_NOEXCEPT
{
	return uring_cqe_slots((const struct uring_cqe *)cqe);
}

IOURINGINLINE void io_uring_cqe_seen(struct io_uring *ring,
				     struct io_uring_cqe *cqe) LIBURING_NOEXCEPT
{
	if (cqe)
		io_uring_cq_advance(ring, io_uring_cqe_nr(cqe));
}

IOURINGINLINE unsigned io_uring_cqe_shift_from_flags(unsigned flags) LIBURING_NOEXCEPT
{
	return (flags & URING_SETUP_CQE32) != 0;
}

IOURINGINLINE unsigned io_uring_cqe_shift(const struct io_uring *ring) LIBURING_NOEXCEPT
{
	return io_uring_cqe_shift_from_flags(ring->flags);
}

IOURINGINLINE bool io_uring_cq_has_overflow(const struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_cq_has_overflow(&ring->uring);
}

IOURINGINLINE bool io_uring_cq_eventfd_enabled(const struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_cq_eventfd_enabled(&ring->uring);
}

IOURINGINLINE int io_uring_cq_eventfd_toggle(struct io_uring *ring, bool enabled) LIBURING_NOEXCEPT
{
	if (enabled == io_uring_cq_eventfd_enabled(ring))
		return 0;
	return uring_cq_eventfd_toggle(&ring->uring, enabled);
}

/*
 * Iterates over the completions that are there when it is made. It gives none back and
 * skips no filler.
 */
struct io_uring_cqe_iter {
	struct io_uring_cqe *cqes;
	unsigned mask;
	unsigned shift;
	unsigned head;
	unsigned tail;
};

IOURINGINLINE struct io_uring_cqe_iter io_uring_cqe_iter_init(const struct io_uring *ring)
	LIBURING_NOEXCEPT
{
	struct io_uring_cqe_iter iter;

	iter.cqes = ring->cq.cqes;
	iter.mask = ring->cq.ring_mask;
	iter.shift = io_uring_cqe_shift(ring);
	iter.head = *ring->cq.khead;
	iter.tail = iter.head + io_uring_cq_ready(ring);
	return iter;
}

IOURINGINLINE bool io_uring_cqe_iter_next(struct io_uring_cqe_iter *iter,
					  struct io_uring_cqe **cqe) LIBURING_NOEXCEPT
{
	if (iter->head == iter->tail)
		return false;
	*cqe = &iter->cqes[(iter->head & iter->mask) << iter->shift];
	/* Advance now: the loop's body can give the completion back to the kernel. */
	iter->head += io_uring_cqe_nr(*cqe);
	return true;
}

/*
 * "place" is the index of the completion in the ring, not masked; after a full loop, that
 * of the next one.
 */
#define io_uring_for_each_cqe(ring, place, cqe)                                        \
	for (struct io_uring_cqe_iter uring_iter_ = io_uring_cqe_iter_init(ring);      \
	     (place) = uring_iter_.head, io_uring_cqe_iter_next(&uring_iter_, &(cqe)); \
	     (void)(place))

/* ---- waiting for completions ---- */

IOURINGINLINE bool io_uring_skip_cqe(struct io_uring *ring, struct io_uring_cqe *cqe,
				     int *err) LIBURING_NOEXCEPT
{
	(void)err;
	if (!(((struct uring_cqe *)cqe)->flags & URING_CQE_F_SKIP))
		return false;
	io_uring_cqe_seen(ring, cqe);
	return true;
}

IOURINGINLINE int __io_uring_peek_cqe(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
				      unsigned *nr_available) LIBURING_NOEXCEPT
{
	*cqe_ptr = (struct io_uring_cqe *)uring_peek_cqe(&ring->uring);
	if (nr_available)
		*nr_available = io_uring_cq_ready(ring);
	return 0;
}

/*
 * Points *cqe_ptr to the first completion, or sets it to NULL. Returns 0, or error if there
 * is none.
 */
_LOCAL_INLINE int uring_compat_first(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
				     int error) LIBURING_NOEXCEPT
{
	__io_uring_peek_cqe(ring, cqe_ptr, NULL);
	return *cqe_ptr ? 0 : error;
}

IOURINGINLINE int io_uring_peek_cqe(struct io_uring *ring,
				    struct io_uring_cqe **cqe_ptr) LIBURING_NOEXCEPT
{
	int ret;

	if (!uring_compat_first(ring, cqe_ptr, -EAGAIN))
		return 0;
	if (!(ring->flags & URING_SETUP_IOPOLL) && !uring_cq_ring_needs_flush(&ring->uring))
		return -EAGAIN;
	ret = uring_get_events(&ring->uring);
	return uring_compat_first(ring, cqe_ptr, ret < 0 ? ret : -EAGAIN);
}

IOURINGINLINE unsigned io_uring_peek_batch_cqe(struct io_uring *ring, struct io_uring_cqe **cqes,
					       unsigned count) LIBURING_NOEXCEPT
{
	return uring_peek_cqes(&ring->uring, (struct uring_cqe **)cqes, count);
}

/* Fills arg with the limits of a wait and returns it. Returns NULL if there are no limits. */
_LOCAL_INLINE const struct uring_getevents_arg *uring_compat_limits(
	struct uring_getevents_arg *arg, const struct __kernel_timespec *ts, unsigned min_wait_usec,
	const sigset_t *sigmask) LIBURING_NOEXCEPT
{
	if (!ts && !min_wait_usec && !sigmask)
		return NULL;
	arg->sigmask = (uintptr_t)sigmask;
	arg->sigmask_sz = _NSIG / 8;
	arg->min_wait_usec = min_wait_usec;
	arg->ts = (uintptr_t)ts;
	return arg;
}

/* The result if the kernel does not support the wait. Nothing is submitted. */
_LOCAL_INLINE int uring_compat_cannot_wait(struct io_uring_cqe **cqe_ptr) LIBURING_NOEXCEPT
{
	*cqe_ptr = NULL;
	return -EINVAL;
}

/* io_uring_wait_cqes_min_timeout without its check that the kernel supports it. */
_LOCAL_INLINE int uring_compat_wait(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
				    unsigned wait_nr, struct __kernel_timespec *ts,
				    unsigned int min_ts_usec, sigset_t *sigmask) LIBURING_NOEXCEPT
{
	struct uring_getevents_arg arg;
	int ret;

	if (!wait_nr)
		return io_uring_peek_cqe(ring, cqe_ptr);
	ret = uring_wait(&ring->uring, wait_nr, 0,
			 uring_compat_limits(&arg, ts, min_ts_usec, sigmask));
	return uring_compat_first(ring, cqe_ptr, ret);
}

IOURINGINLINE int io_uring_wait_cqes_min_timeout(struct io_uring *ring,
						 struct io_uring_cqe **cqe_ptr, unsigned wait_nr,
						 struct __kernel_timespec *ts,
						 unsigned int min_ts_usec,
						 sigset_t *sigmask) LIBURING_NOEXCEPT
{
	if (!(ring->features & URING_FEAT_MIN_TIMEOUT))
		return uring_compat_cannot_wait(cqe_ptr);
	return uring_compat_wait(ring, cqe_ptr, wait_nr, ts, min_ts_usec, sigmask);
}

IOURINGINLINE int io_uring_wait_cqes(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
				     unsigned wait_nr, struct __kernel_timespec *ts,
				     sigset_t *sigmask) LIBURING_NOEXCEPT
{
	return uring_compat_wait(ring, cqe_ptr, wait_nr, ts, 0, sigmask);
}

IOURINGINLINE int io_uring_wait_cqe_timeout(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
					    struct __kernel_timespec *ts) LIBURING_NOEXCEPT
{
	return io_uring_wait_cqes(ring, cqe_ptr, 1, ts, NULL);
}

IOURINGINLINE int io_uring_wait_cqe_nr(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
				       unsigned wait_nr) LIBURING_NOEXCEPT
{
	return io_uring_wait_cqes(ring, cqe_ptr, wait_nr, NULL, NULL);
}

IOURINGINLINE int io_uring_wait_cqe(struct io_uring *ring,
				    struct io_uring_cqe **cqe_ptr) LIBURING_NOEXCEPT
{
	if (!uring_compat_first(ring, cqe_ptr, -EAGAIN))
		return 0;
	return io_uring_wait_cqe_nr(ring, cqe_ptr, 1);
}

/* ---- submitting and waiting ---- */

/*
 * The last step of the functions that submit and wait. Points *cqe_ptr to the first
 * completion, or sets it to NULL if the time is over. Returns submitted. If that is 0 and
 * there is no completion, returns -ETIME, or -EAGAIN if wait_nr is 0.
 */
_LOCAL_INLINE int uring_compat_submitted(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
					 unsigned wait_nr, int submitted) LIBURING_NOEXCEPT
{
	int error = uring_compat_first(ring, cqe_ptr, wait_nr ? -ETIME : -EAGAIN);

	return submitted ? submitted : error;
}

_LOCAL_INLINE int uring_compat_submit_and_wait(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
					       unsigned wait_nr, struct __kernel_timespec *ts,
					       unsigned min_wait,
					       sigset_t *sigmask) LIBURING_NOEXCEPT
{
	struct uring_getevents_arg arg;
	const struct uring_getevents_arg *limits;
	int ret, error;

	limits = uring_compat_limits(&arg, ts, min_wait, sigmask);
	ret = uring_submit_wait(&ring->uring, wait_nr, 0, limits);
	/* A signal during the submission does not end a wait without a time limit. */
	if (ret >= 0 && wait_nr && !ts) {
		error = uring_wait(&ring->uring, wait_nr, 0, limits);
		ret = ret ? ret : error;
	}
	return uring_compat_submitted(ring, cqe_ptr, wait_nr, ret);
}

IOURINGINLINE int io_uring_submit_and_wait_min_timeout(
	struct io_uring *ring, struct io_uring_cqe **cqe_ptr, unsigned wait_nr,
	struct __kernel_timespec *ts, unsigned min_wait, sigset_t *sigmask) LIBURING_NOEXCEPT
{
	if (!(ring->features & URING_FEAT_MIN_TIMEOUT))
		return uring_compat_cannot_wait(cqe_ptr);
	return uring_compat_submit_and_wait(ring, cqe_ptr, wait_nr, ts, min_wait, sigmask);
}

IOURINGINLINE int io_uring_submit_and_wait_timeout(struct io_uring *ring,
						   struct io_uring_cqe **cqe_ptr, unsigned wait_nr,
						   struct __kernel_timespec *ts,
						   sigset_t *sigmask) LIBURING_NOEXCEPT
{
	return uring_compat_submit_and_wait(ring, cqe_ptr, wait_nr, ts, 0, sigmask);
}

IOURINGINLINE int io_uring_submit_and_wait_reg(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
					       unsigned wait_nr, int reg_index) LIBURING_NOEXCEPT
{
	int ret;

	if (!(ring->features & URING_FEAT_EXT_ARG))
		return uring_compat_cannot_wait(cqe_ptr);
	ret = uring_submit_wait_reg(&ring->uring, wait_nr, (unsigned)reg_index);
	return uring_compat_submitted(ring, cqe_ptr, wait_nr, ret);
}

IOURINGINLINE int __io_uring_get_cqe(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
				     unsigned submit, unsigned wait_nr,
				     sigset_t *sigmask) LIBURING_NOEXCEPT
{
	if (submit)
		return io_uring_submit_and_wait_timeout(ring, cqe_ptr, wait_nr, NULL, sigmask);
	return io_uring_wait_cqes(ring, cqe_ptr, wait_nr, NULL, sigmask);
}

#ifdef __cplusplus
}
#endif

#endif

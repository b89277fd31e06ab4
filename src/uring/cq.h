/* SPDX-License-Identifier: MIT */
/* The completion queue: waits for completions, reaps them and gives them back. */
#ifndef RINGSHIM_URING_CQ_H
#define RINGSHIM_URING_CQ_H

#include "ring.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Waits until wait_nr completions can be reaped. Submits and reaps nothing. flags and arg:
 * see uring_submit_wait. Returns 0, also when the wait ended early and at least one
 * completion is there; -ETIME, -EINTR: none is there.
 */
URING_API int uring_wait(struct uring *ring, unsigned wait_nr, unsigned flags,
			 const struct uring_getevents_arg *arg);

/* Makes pending completions appear in the queue, without waiting. Returns 0 or a negative errno. */
URING_API int uring_get_events(struct uring *ring);

/*
 * Makes waits count as waiting for I/O, or not if on is 0. Waits that count raise the CPU
 * frequency and show as iowait. They count at first. Returns 0; -EOPNOTSUPP before 6.15.
 */
URING_API int uring_set_iowait(struct uring *ring, int on);

/*
 * Moves up to nr completions to cqes. If none is there, it first waits for wait_nr of them.
 * Returns the number moved. It is 0 only when wait_nr or nr is 0. -ETIME: timeout has
 * passed; -EINTR: a signal came; -EINVAL: timeout is negative or no time.
 *
 * With URING_SETUP_CQE32 each completion takes 32 bytes of cqes. With URING_SETUP_CQE_MIXED
 * nr and the result count units of 16 bytes; an entry with URING_CQE_F_32 takes two. The
 * result is then also 0 when nr is 1 and the next entry takes two.
 */
URING_API int uring_copy_cqes(struct uring *ring, struct uring_cqe *cqes, unsigned nr,
			      unsigned wait_nr, const struct uring_timespec *timeout);

/* Does what uring_copy_cqes does, but never enters the kernel. Returns the number moved. */
URING_API unsigned uring_copy_cqes_ready(struct uring *ring, struct uring_cqe *cqes, unsigned nr);

/*
 * Points cqes to up to nr of the oldest completions, in place in the queue. The caller
 * gives each one back with uring_cq_advance. If none is there, it asks the kernel for
 * completions that it holds back, but does not wait. Returns the number of pointers stored.
 */
URING_API unsigned uring_peek_cqes(struct uring *ring, struct uring_cqe **cqes, unsigned nr);

/* Returns true if the kernel has completions that only a system call makes appear. */
URING_INLINE int uring_cq_ring_needs_flush(const struct uring *ring)
{
	if (!ring || !ring->sq.entries)
		return 0;
	return (__atomic_load_n(ring->sq.flags, __ATOMIC_RELAXED) &
		(URING_SQ_CQ_OVERFLOW | URING_SQ_TASKRUN)) != 0;
}

/*
 * Returns the number of completions that can be reaped (of 16-byte slots with
 * URING_SETUP_CQE_MIXED).
 */
URING_INLINE unsigned uring_cq_ready(const struct uring *ring)
{
	if (!ring || !ring->cq.tail)
		return 0;
	/* Acquire: the entries are read after the tail that publishes them. */
	return __atomic_load_n(ring->cq.tail, __ATOMIC_ACQUIRE) - *ring->cq.head;
}

/* Returns the completion index places after the oldest. index must be below uring_cq_ready(). */
URING_INLINE struct uring_cqe *uring_cqe_at(const struct uring *ring, unsigned index)
{
	return &ring->cq.cqes[((*ring->cq.head + index) & ring->cq.mask) << ring->cq.cqe_shift];
}

/*
 * Gives the count oldest completions back to the kernel, in 16-byte slots with
 * URING_SETUP_CQE_MIXED. Not for completions that uring_copy_cqes or uring_copy_cqes_ready
 * moved.
 */
URING_INLINE void uring_cq_advance(struct uring *ring, unsigned count)
{
	if (!ring || !ring->cq.head)
		return;
	/* Release: our reads of the entries come before the store of the head that frees them. */
	__atomic_store_n(ring->cq.head, *ring->cq.head + count, __ATOMIC_RELEASE);
}

/*
 * Returns the oldest completion, in place in the queue; NULL: none is there. Gives back the
 * fillers before it.
 */
URING_INLINE struct uring_cqe *uring_peek_cqe(struct uring *ring)
{
	struct uring_cqe *cqe;

	while (uring_cq_ready(ring)) {
		cqe = uring_cqe_at(ring, 0);
		if (!(cqe->flags & URING_CQE_F_SKIP))
			return cqe;
		uring_cq_advance(ring, 1);
	}
	return NULL;
}

/*
 * Returns the number of 16-byte slots that a completion takes in a ring with
 * URING_SETUP_CQE_MIXED.
 */
URING_INLINE unsigned uring_cqe_slots(const struct uring_cqe *cqe)
{
	return cqe->flags & URING_CQE_F_32 ? 2 : 1;
}

/* Gives the oldest completion back. Call it once for each completion, after reading it. */
URING_INLINE void uring_cqe_seen(struct uring *ring)
{
	unsigned count = 1;

	if (!uring_cq_ready(ring))
		return;
	if (ring->flags & URING_SETUP_CQE_MIXED)
		count = uring_cqe_slots(uring_cqe_at(ring, 0));
	uring_cq_advance(ring, count);
}

/* Returns the id of the provided buffer that the completion used; -1: no URING_CQE_F_BUFFER. */
URING_INLINE int uring_cqe_buffer(const struct uring_cqe *cqe)
{
	return cqe->flags & URING_CQE_F_BUFFER ? (int)(cqe->flags >> URING_CQE_BUFFER_SHIFT) : -1;
}

/* Returns true if completions wait in the kernel for room in the queue. */
URING_INLINE int uring_cq_has_overflow(const struct uring *ring)
{
	if (!ring || !ring->sq.entries)
		return 0;
	return (__atomic_load_n(ring->sq.flags, __ATOMIC_RELAXED) & URING_SQ_CQ_OVERFLOW) != 0;
}

/* Returns true if the registered eventfd is signalled, which it is unless muted. */
URING_INLINE int uring_cq_eventfd_enabled(const struct uring *ring)
{
	if (!ring || !ring->cq.flags)
		return 1;
	return !(__atomic_load_n(ring->cq.flags, __ATOMIC_RELAXED) & URING_CQ_EVENTFD_DISABLED);
}

/* Mutes the registered eventfd, or unmutes it. Returns 0. Muting: -EOPNOTSUPP before 5.8. */
URING_INLINE int uring_cq_eventfd_toggle(struct uring *ring, int enabled)
{
	if (!ring)
		return -EINVAL;
	if (!ring->cq.entries)
		return -EBADF;
	if (!ring->cq.flags)
		return enabled ? 0 : -EOPNOTSUPP;
	__atomic_store_n(ring->cq.flags, enabled ? 0 : URING_CQ_EVENTFD_DISABLED, __ATOMIC_RELAXED);
	return 0;
}

#ifdef __cplusplus
}
#endif

#endif

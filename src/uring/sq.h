/* SPDX-License-Identifier: MIT */
/* The submission queue: takes entries, and publishes and submits them. */
#ifndef RINGSHIM_URING_SQ_H
#define RINGSHIM_URING_SQ_H

#include "ring.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Calls uring_sys_enter on this ring, by descriptor or by registered index. Returns the
 * number of entries consumed. -EINTR: a signal came before anything was done; -ETIME: the
 * time limit of arg has passed.
 */
URING_API int uring_enter(struct uring *ring, unsigned to_submit, unsigned min_complete,
			  unsigned flags, const void *arg, size_t argsz);

/*
 * Submits all entries taken so far. With wait_nr > 0 it then waits until that many
 * completions can be reaped, or until timeout (relative; NULL: none) has passed. Returns
 * the number of entries submitted or, if that is 0, the error that ended the wait early.
 * -ETIME: timeout has passed; -EINTR: a signal came; -EINVAL: timeout is negative or no
 * time. The wait can also end early without an error: when the kernel did not take all
 * entries, or when a timeout operation completed.
 */
URING_API int uring_submit(struct uring *ring, unsigned wait_nr,
			   const struct uring_timespec *timeout);

/*
 * Like uring_submit, with everything that the kernel accepts for a wait: a signal mask, a
 * short time after which fewer completions suffice (min_wait_usec, 6.12), a time limit; arg
 * NULL: none of them. flags: URING_ENTER_ABS_TIMER (6.12; the limit is absolute, on the
 * clock of uring_register_clock), URING_ENTER_NO_IOWAIT (6.15). Always enters the kernel.
 * Returns the number of entries submitted. -EINVAL: nothing was submitted, because of
 * min_wait_usec before 6.12, or of a signal mask with a time limit before 5.11; -ETIME,
 * -EINTR: nothing was submitted, and the wait ended early.
 */
URING_API int uring_submit_wait(struct uring *ring, unsigned wait_nr, unsigned flags,
				const struct uring_getevents_arg *arg);

/*
 * Like uring_submit, but the wait's arguments are those at index of
 * uring_register_wait_region (6.13). Returns the number of entries submitted. -EINVAL:
 * nothing was submitted, because the kernel is older than 5.11; -EFAULT: there is no such
 * index; -ETIME, -EINTR: nothing was submitted, and the wait ended early. 6.13
 */
URING_API int uring_submit_wait_reg(struct uring *ring, unsigned wait_nr, unsigned index);

/* With URING_SETUP_SQPOLL: waits for room in the submission queue. Returns 0. 5.10 */
URING_API int uring_sq_wait(struct uring *ring);

/* Returns the number of submission entries that the kernel has not consumed, published or not. */
URING_INLINE unsigned uring_sq_ready(const struct uring *ring)
{
	if (!ring || !ring->sq.entries)
		return 0;
	return ring->sq.sqe_tail - __atomic_load_n(ring->sq.head, __ATOMIC_ACQUIRE);
}

/* Returns the number of submission entries that can still be taken. */
URING_INLINE unsigned uring_free_space(const struct uring *ring)
{
	return ring ? ring->sq.entries - uring_sq_ready(ring) : 0;
}

/*
 * The slow path of uring_take_sqe, for when sqe_head leaves no room for 1 + extra entries.
 * Reads the kernel's head again. Returns true if there is room now.
 */
URING_INLINE int uring_sq_look_again(struct uring *ring, unsigned extra)
{
	struct uring_sq *sq = &ring->sq;

	if (extra >= sq->entries)
		return 0;
	/* Acquire: once the head has moved past an entry, the kernel no longer uses it. */
	sq->sqe_head = __atomic_load_n(sq->head, __ATOMIC_ACQUIRE);
	return sq->sqe_tail - sq->sqe_head < sq->entries - extra;
}

/*
 * Takes a submission entry. extra: the number of further entries that must be free, for a
 * chain that must not be torn (with a linked timeout, for example). Returns the entry;
 * NULL: there is not that much room. The first 64 bytes keep their old contents: the caller
 * must fill them all, as uring_prep_X does.
 */
URING_INLINE struct uring_sqe *uring_take_sqe(struct uring *ring, unsigned extra)
{
	struct uring_sqe *sqe;
	struct uring_sq *sq;

	if (!ring)
		return NULL;
	sq = &ring->sq;
	if ((uint64_t)(sq->sqe_tail - sq->sqe_head) + extra >= sq->entries &&
	    !uring_sq_look_again(ring, extra))
		return NULL;
	sqe = &sq->sqes[(sq->sqe_tail++ & sq->mask) << sq->sqe_shift];
	if (!sqe)
		__builtin_unreachable();
	if (sq->sqe_shift)
		__builtin_memset(sqe + 1, 0, sizeof(*sqe));
	return sqe;
}

/* Like uring_take_sqe, but clears the entry. */
URING_INLINE struct uring_sqe *uring_get_sqe(struct uring *ring, unsigned extra)
{
	struct uring_sqe *sqe = uring_take_sqe(ring, extra);

	if (sqe)
		__builtin_memset(sqe, 0, sizeof(*sqe));
	return sqe;
}

/*
 * Takes a submission entry of 128 bytes and clears the last 64. With URING_SETUP_SQE128 all
 * entries of a ring have 128 bytes. With URING_SETUP_SQE_MIXED (6.19) such an entry takes
 * two places, and must not begin in the last place of the queue; a no-op that posts nothing
 * is put there if necessary. Returns the entry; NULL: there is not enough room, or the ring
 * has no such entries.
 */
URING_INLINE struct uring_sqe *uring_take_sqe128(struct uring *ring)
{
	struct uring_sqe *sqe;
	unsigned at_end;

	if (!ring || !(ring->flags & (URING_SETUP_SQE128 | URING_SETUP_SQE_MIXED)))
		return NULL;
	if (ring->flags & URING_SETUP_SQE128)
		return uring_take_sqe(ring, 0);
	at_end = (ring->sq.sqe_tail & ring->sq.mask) == ring->sq.mask;
	if (uring_free_space(ring) < 2 + at_end)
		return NULL;
	if (at_end) {
		sqe = uring_get_sqe(ring, 0);
		sqe->opcode = URING_OP_NOP;
		sqe->flags = URING_SQE_CQE_SKIP_SUCCESS;
	}
	sqe = uring_take_sqe(ring, 1);
	__builtin_memset(uring_take_sqe(ring, 0), 0, sizeof(*sqe));
	return sqe;
}

/* Like uring_take_sqe128, but clears the whole entry. */
URING_INLINE struct uring_sqe *uring_get_sqe128(struct uring *ring)
{
	struct uring_sqe *sqe = uring_take_sqe128(ring);

	if (sqe)
		__builtin_memset(sqe, 0, sizeof(*sqe));
	return sqe;
}

/*
 * Publishes the entries taken so far to the kernel. Returns the number of entries that the
 * kernel has not consumed. From now on a kernel thread (URING_SETUP_SQPOLL) can take them.
 */
URING_INLINE unsigned uring_flush_sq(struct uring *ring)
{
	struct uring_sq *sq;

	if (!ring || !ring->sq.entries)
		return 0;
	sq = &ring->sq;
	/* Release: the entries are written before the tail that publishes them. */
	__atomic_store_n(sq->tail, sq->sqe_tail, __ATOMIC_RELEASE);
	return sq->sqe_tail - __atomic_load_n(sq->head, __ATOMIC_ACQUIRE);
}

/*
 * Returns true if the published entries need a system call: always, unless a kernel thread
 * takes them and is awake. Adds the flags that the call needs to *flags (URING_ENTER_*).
 */
URING_INLINE int uring_sq_ring_needs_enter(const struct uring *ring, unsigned *flags)
{
	if (!ring || !ring->sq.entries)
		return 0;
	if (!(ring->flags & URING_SETUP_SQPOLL))
		return 1;
	/*
	 * The kernel thread sets its flag and then reads the tail once more. We have stored
	 * the tail and now read the flag. Only a full fence keeps the two from missing each
	 * other.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!(__atomic_load_n(ring->sq.flags, __ATOMIC_RELAXED) & URING_SQ_NEED_WAKEUP))
		return 0;
	*flags |= URING_ENTER_SQ_WAKEUP;
	return 1;
}

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/* The ring: creating and destroying it, taking submission entries, submitting, waiting, reaping. */
#ifndef RINGSHIM_URING_QUEUE_H
#define RINGSHIM_URING_QUEUE_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Marks a function that the library exports. */
#ifndef URING_API
#define URING_API __attribute__((visibility("default")))
#endif

/*
 * Marks a function that is inline in C and C++ and also a symbol of the library: ffi.c
 * compiles the headers with this defined to URING_API.
 */
#ifndef URING_INLINE
#define URING_INLINE static inline
#endif

#define URING_DEFAULT_ENTRIES 32
#define URING_DEFAULT_THREAD_IDLE_MS 1000
#define URING_MAX_ENTRIES 4096

/*
 * The two queues. Their parts are named as in the library that this one follows
 * (doc/uring-notes.md). head, tail, flags, dropped, overflow and the arrays point into
 * memory shared with the kernel; so do ring_mask and ring_entries, the kernel's own mask
 * and entries. sqe_tail counts the entries taken, *tail the entries published to the
 * kernel. sqe_head is the last value read from *head. The layout is that of liburing's
 * structures.
 */
struct uring_sq {
	uint32_t *head;
	uint32_t *tail;
	uint32_t *ring_mask;
	uint32_t *ring_entries;
	uint32_t *flags;
	uint32_t *dropped;
	uint32_t *array; /* NULL with URING_SETUP_NO_SQARRAY */
	struct uring_sqe *sqes;
	uint32_t sqe_head;
	uint32_t sqe_tail;
	size_t map_size;
	void *map; /* mapping of the rings; NULL: not ours to unmap */
	uint32_t mask;
	uint32_t entries;
	uint32_t map_sqes_size; /* size of sqes; 0: not a separate mapping */
	uint32_t sqe_shift;	/* 1 with URING_SETUP_SQE128 */
};

struct uring_cq {
	uint32_t *head;
	uint32_t *tail;
	uint32_t *ring_mask;
	uint32_t *ring_entries;
	uint32_t *flags; /* NULL before 5.8 */
	uint32_t *overflow;
	struct uring_cqe *cqes;
	size_t map_size;
	void *map; /* a separate mapping, before 5.4 only */
	uint32_t mask;
	uint32_t entries;
	uint32_t cqe_shift; /* 1 with URING_SETUP_CQE32 */
	uint32_t resv;
};

/* A ring. Callers may read its members. A closed ring has fd and enter_fd -1. */
struct uring {
	struct uring_sq sq;
	struct uring_cq cq;
	uint32_t flags;	     /* URING_SETUP_* in force */
	int fd;		     /* the ring's descriptor; -1: it holds none */
	uint32_t features;   /* URING_FEAT_* of this kernel */
	int enter_fd;	     /* fd for uring_sys_enter, with enter_flags */
	uint8_t enter_flags; /* URING_ENTER_REGISTERED_RING, _NO_IOWAIT */
	uint8_t dontfork;    /* fork does not pass the queues on */
	uint8_t resv[2];
	uint32_t owner; /* private to the library */
};

/*
 * The raw system calls. They return a negative errno on failure and leave errno untouched.
 * uring_sys_setup returns a descriptor, or an index with URING_SETUP_REGISTERED_FD_ONLY.
 * uring_sys_enter returns the number of entries consumed; it reports an error of the wait
 * only when that number is 0.
 */
URING_API int uring_sys_setup(unsigned entries, struct uring_params *params);
URING_API int uring_sys_enter(int fd, unsigned to_submit, unsigned min_complete, unsigned flags,
			      const void *arg, size_t argsz);
URING_API int uring_sys_register(int fd, unsigned opcode, const void *arg, unsigned nr_args);

/* Returns the parameters of a ring that any thread may use, one thread at a time. */
URING_INLINE struct uring_params uring_default_params(void)
{
	struct uring_params params;

	__builtin_memset(&params, 0, sizeof(params));
	params.sq_thread_idle = URING_DEFAULT_THREAD_IDLE_MS;
	return params;
}

/* The same parameters, as an initializer. */
#define URING_DEFAULT_PARAMS                                                 \
	{                                                                    \
		0, 0, 0, 0, URING_DEFAULT_THREAD_IDLE_MS, 0, 0, { 0, 0, 0 }, \
			{ 0, 0, 0, 0, 0, 0, 0, 0, 0 },                       \
		{                                                            \
			0, 0, 0, 0, 0, 0, 0, 0, 0                            \
		}                                                            \
	}

/* Returns sizeof(struct uring), for languages that cannot include this header. */
URING_INLINE size_t uring_struct_size(void)
{
	return sizeof(struct uring);
}

/*
 * Creates a ring. entries: a power of two, 1 to URING_MAX_ENTRIES. params: the setup to ask
 * for, and on return the setup that the kernel granted; NULL: URING_DEFAULT_PARAMS. Returns
 * 0. On failure ring is closed, and uring_why_text(uring_why_failed(error)) describes the
 * error. It is one of: -EINVAL (entries, or a flag that this kernel lacks), -EPERM
 * (forbidden by kernel.io_uring_disabled or a seccomp filter), -ENOSYS (no io_uring),
 * -ENOMEM (locked memory used up, see RLIMIT_MEMLOCK), -EMFILE, -ENFILE.
 */
URING_API int uring_init(struct uring *ring, struct uring_params *params, unsigned entries);

/*
 * Like uring_init, but does not add URING_SETUP_NO_SQARRAY, and accepts every size that the
 * kernel accepts (up to 32768, rounded up to a power of two).
 *
 * With mem, the rings are placed there (URING_SETUP_NO_MMAP, 6.5). mem must be page aligned
 * and have at least uring_memory_size() bytes. It stays the caller's, but nobody may touch
 * it until uring_destroy. The kernel can require physically contiguous pages (a huge page)
 * for a queue of more than one page. -EINVAL: mem is misaligned; -ENOMEM: size is too
 * small.
 *
 * Without mem, URING_SETUP_NO_MMAP makes the library allocate anonymous memory for the
 * ring.
 */
URING_API int uring_init_mem(struct uring *ring, struct uring_params *params, unsigned entries,
			     void *mem, size_t size);

/*
 * Like uring_init_mem, but without the index array of the submission queue if the kernel
 * supports that (6.6). params->flags then has URING_SETUP_NO_SQARRAY. uring_init does the
 * same.
 */
URING_API int uring_init_no_array(struct uring *ring, struct uring_params *params, unsigned entries,
				  void *mem, size_t size);

/*
 * Like uring_init, for a ring that uring_sys_setup created: takes its fd and the params
 * that it returned. uring_destroy closes fd. When uring_init_fd fails, fd stays open.
 */
URING_API int uring_init_fd(struct uring *ring, const struct uring_params *params, int fd);

/* Returns the number of bytes that uring_init_mem needs for these arguments, or -EINVAL. */
URING_API long uring_memory_size(const struct uring_params *params, unsigned entries);

/*
 * Creates the fastest ring that this kernel offers to the calling thread. Only this thread
 * may submit, wait and destroy; in another thread the functions that enter the kernel
 * return -EEXIST. Completions appear only in a call that waits for them or asks for them.
 *
 * The ring holds no descriptor where the kernel can do without one (5.18; fd is -1 then),
 * unless the thread already has 16 registered rings. It takes the least locked memory: two
 * pages for up to 64 entries. fork does not pass it on; see uring_forget. Errors: see
 * uring_init.
 */
URING_API int uring_init_thread(struct uring *ring, unsigned entries);

/* Destroys the ring. The kernel cancels the operations still in flight, at some later time. */
URING_API void uring_destroy(struct uring *ring);

/*
 * Keeps the queues out of a child of fork. A child that uses the ring then faults instead
 * of working on its parent's queues. uring_init_thread does this itself. Returns 0 or a
 * negative errno.
 */
URING_API int uring_dontfork(struct uring *ring);

/*
 * For the child after fork: closes the descriptor and unmaps the queues, as far as they
 * were inherited. The parent's ring is not affected.
 */
URING_API void uring_forget(struct uring *ring);

/*
 * The parts of uring_init, for callers that use uring_sys_setup themselves. The first two
 * map the queues of fd. If the kernel has one mapping for both queues
 * (URING_FEAT_SINGLE_MMAP), uring_submission_queue_make maps both. The other two unmap
 * them. All return 0 or a negative errno.
 */
URING_API int uring_submission_queue_make(struct uring_sq *sq, int fd,
					  const struct uring_params *params);
URING_API int uring_completion_queue_make(struct uring_cq *cq, int fd,
					  const struct uring_params *params,
					  const struct uring_sq *sq);
URING_API int uring_submission_queue_destroy(struct uring_sq *sq);
URING_API int uring_completion_queue_destroy(struct uring_cq *cq);

/* Calls uring_sys_enter on this ring, by descriptor or by registered index. */
URING_API int uring_enter(struct uring *ring, unsigned to_submit, unsigned min_complete,
			  unsigned flags, const void *arg, size_t argsz);

/*
 * Submits all entries taken so far. With wait_nr > 0 it then waits until that many
 * completions can be reaped, or until timeout (relative; NULL: none) has passed. Returns
 * the number of entries submitted. If that is 0, returns -ETIME or -EINTR when one of them
 * ended the wait early. The wait can also end early without an error: when the kernel did
 * not take all entries, or when a timeout operation completed.
 */
URING_API int uring_submit(struct uring *ring, unsigned wait_nr,
			   const struct uring_timespec *timeout);

/*
 * Like uring_submit, with everything that the kernel accepts for a wait: a signal mask, a
 * short time after which fewer completions suffice (min_wait_usec, 6.12), a time limit; arg
 * NULL: none of them. flags: URING_ENTER_ABS_TIMER (6.12; the limit is absolute, on the
 * clock of uring_register_clock), URING_ENTER_NO_IOWAIT (6.15). Always enters the kernel.
 * Returns -EINVAL and submits nothing for min_wait_usec before 6.12, and for a signal mask
 * with a time limit before 5.11.
 */
URING_API int uring_submit_wait(struct uring *ring, unsigned wait_nr, unsigned flags,
				const struct uring_getevents_arg *arg);

/*
 * Like uring_submit, but the wait's arguments are those at index of
 * uring_register_wait_region (6.13). Before 5.11 it returns -EINVAL and submits nothing.
 */
URING_API int uring_submit_wait_reg(struct uring *ring, unsigned wait_nr, unsigned index);

/*
 * Waits until wait_nr completions can be reaped. Submits and reaps nothing. flags and arg:
 * see uring_submit_wait. Returns 0, also when the wait ended early and at least one
 * completion is there; -ETIME or -EINTR when none is.
 */
URING_API int uring_wait(struct uring *ring, unsigned wait_nr, unsigned flags,
			 const struct uring_getevents_arg *arg);

/* Makes pending completions appear in the queue, without waiting. Returns 0 or a negative errno. */
URING_API int uring_get_events(struct uring *ring);

/* With URING_SETUP_SQPOLL: waits for room in the submission queue. Returns 0. 5.10 */
URING_API int uring_sq_wait(struct uring *ring);

/*
 * Makes waits count as waiting for I/O, or not if on is 0. Waits that count raise the CPU
 * frequency and show as iowait. They count at first. Returns 0; -EOPNOTSUPP before 6.15.
 */
URING_API int uring_set_iowait(struct uring *ring, int on);

/*
 * Moves up to nr completions to cqes. If none is there, it first waits for wait_nr of them.
 * Returns the number moved, or -ETIME, -EINTR. The number is 0 only when wait_nr or nr is
 * 0.
 *
 * With URING_SETUP_CQE32 each completion takes 32 bytes of cqes. With URING_SETUP_CQE_MIXED
 * nr and the result count units of 16 bytes; an entry with URING_CQE_F_32 takes two. The
 * result is then also 0 when nr is 1 and the next entry takes two.
 */
URING_API int uring_copy_cqes(struct uring *ring, struct uring_cqe *cqes, unsigned nr,
			      unsigned wait_nr, const struct uring_timespec *timeout);

/* Like uring_copy_cqes, but never enters the kernel. Returns the number moved. */
URING_API unsigned uring_copy_cqes_ready(struct uring *ring, struct uring_cqe *cqes, unsigned nr);

/*
 * Points cqes to up to nr of the oldest completions, in place in the queue. The caller
 * gives each one back with uring_cq_advance. If none is there, it asks the kernel for
 * completions that it holds back, but does not wait. Returns the number of pointers stored.
 */
URING_API unsigned uring_peek_cqes(struct uring *ring, struct uring_cqe **cqes, unsigned nr);

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
 * Reads the kernel's head again and returns true if there is room now.
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
 * chain that must not be torn (with a linked timeout, for example). Returns NULL if there
 * is not that much room. The first 64 bytes keep their old contents: the caller must fill
 * them all, as uring_prep_X does.
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
 * is put there if necessary. Returns NULL if there is not enough room, or if the ring has
 * no such entries.
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

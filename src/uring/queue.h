/*
 * The ring: making one, taking submission entries, submitting, reaping.
 */
#ifndef RINGSHIM_URING_QUEUE_H
#define RINGSHIM_URING_QUEUE_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Functions of the library. */
#ifndef URING_API
#define URING_API __attribute__((visibility("default")))
#endif

/*
 * Functions that are inline in C and C++, and symbols of the library as well:
 * one file of it compiles them with this defined to URING_API.
 */
#ifndef URING_INLINE
#define URING_INLINE static inline
#endif

#define URING_DEFAULT_ENTRIES 32
#define URING_DEFAULT_THREAD_IDLE_MS 1000
#define URING_MAX_ENTRIES 4096

/*
 * The queues as the reference names their parts: head, tail, flags, dropped,
 * overflow and the arrays point into memory shared with the kernel. sqe_tail
 * counts the entries handed out, *tail those shown to the kernel; sqe_head is
 * the last *head seen. ring_mask and ring_entries are the kernel's own mask and
 * entries. The layout is that of liburing's structures.
 */
struct uring_sq {
	uint32_t *head;
	uint32_t *tail;
	uint32_t *ring_mask;
	uint32_t *ring_entries;
	uint32_t *flags;
	uint32_t *dropped;
	uint32_t *array;		/* NULL with URING_SETUP_NO_SQARRAY */
	struct uring_sqe *sqes;
	uint32_t sqe_head;
	uint32_t sqe_tail;
	size_t map_size;
	void *map;			/* the rings; NULL: not ours to unmap */
	uint32_t mask;
	uint32_t entries;
	uint32_t map_sqes_size;		/* of sqes; 0: they are no mapping of their own */
	uint32_t sqe_shift;		/* 1 with URING_SETUP_SQE128 */
};

struct uring_cq {
	uint32_t *head;
	uint32_t *tail;
	uint32_t *ring_mask;
	uint32_t *ring_entries;
	uint32_t *flags;		/* NULL before 5.8 */
	uint32_t *overflow;
	struct uring_cqe *cqes;
	size_t map_size;
	void *map;			/* before 5.4 only: a mapping of its own */
	uint32_t mask;
	uint32_t entries;
	uint32_t cqe_shift;		/* 1 with URING_SETUP_CQE32 */
	uint32_t resv;
};

/* A ring. Its members may be read; a closed one has fd and enter_fd -1. */
struct uring {
	struct uring_sq sq;
	struct uring_cq cq;
	uint32_t flags;			/* URING_SETUP_* in force */
	int fd;				/* the descriptor held, -1: none is */
	uint32_t features;		/* URING_FEAT_* of this kernel */
	int enter_fd;			/* for uring_sys_enter, with enter_flags */
	uint8_t enter_flags;		/* URING_ENTER_REGISTERED_RING, _NO_IOWAIT */
	uint8_t dontfork;		/* a child of fork does not have the queues */
	uint8_t resv[2];
	uint32_t owner;			/* inside of the library */
};

/*
 * The system calls, errno untouched.
 * uring_sys_setup: a descriptor (an index with URING_SETUP_REGISTERED_FD_ONLY).
 * uring_sys_enter: the number of entries consumed; an error of the wait is
 * reported only when that is 0.
 */
URING_API int uring_sys_setup(unsigned entries, struct uring_params *params);
URING_API int uring_sys_enter(int fd, unsigned to_submit, unsigned min_complete, unsigned flags,
			      const void *arg, size_t argsz);
URING_API int uring_sys_register(int fd, unsigned opcode, const void *arg, unsigned nr_args);

/* Parameters for a ring that any thread may use, one at a time. */
URING_INLINE struct uring_params uring_default_params(void)
{
	struct uring_params params;

	__builtin_memset(&params, 0, sizeof(params));
	params.sq_thread_idle = URING_DEFAULT_THREAD_IDLE_MS;
	return params;
}

/* The same, to initialise with. */
#define URING_DEFAULT_PARAMS \
	{ 0, 0, 0, 0, URING_DEFAULT_THREAD_IDLE_MS, 0, 0, { 0, 0, 0 }, \
	  { 0, 0, 0, 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 0, 0, 0, 0 } }

/* The bytes of a struct uring, for languages that cannot include this. */
URING_INLINE size_t uring_struct_size(void)
{
	return sizeof(struct uring);
}

/*
 * Makes a ring. entries: a power of two, 1 to URING_MAX_ENTRIES. params: what
 * to ask for, and on return what the kernel gave; NULL: URING_DEFAULT_PARAMS.
 * On failure ring is closed, and uring_why_text(uring_why_failed(error)) has words
 * for it. The error is one of: -EINVAL (entries, or a flag this kernel lacks),
 * -EPERM (forbidden by kernel.io_uring_disabled or a seccomp filter), -ENOSYS (no
 * io_uring), -ENOMEM (locked memory used up, see RLIMIT_MEMLOCK), -EMFILE, -ENFILE.
 */
URING_API int uring_init(struct uring *ring, struct uring_params *params, unsigned entries);

/*
 * As uring_init, but takes the parameters as they are and every size the
 * kernel takes (up to 32768, rounded up to a power of two). With mem, the rings
 * live there (URING_SETUP_NO_MMAP, 6.5): page aligned, of at least
 * uring_memory_size() bytes, the caller's, and not touched by anybody until
 * uring_destroy. The kernel may want physically contiguous pages (a huge page)
 * where a queue needs more than one. -EINVAL: misaligned; -ENOMEM: too small.
 * Without mem, URING_SETUP_NO_MMAP asks for anonymous memory of the ring's own.
 */
URING_API int uring_init_mem(struct uring *ring, struct uring_params *params, unsigned entries,
			     void *mem, size_t size);

/*
 * As uring_init_mem, but without the index array of the submission queue where
 * the kernel can do without (6.6), as uring_init: params->flags then says so.
 */
URING_API int uring_init_no_array(struct uring *ring, struct uring_params *params,
				  unsigned entries, void *mem, size_t size);

/*
 * As uring_init, of a ring that uring_sys_setup made: fd and the params it
 * returned. uring_destroy closes fd; when this fails it stays open.
 */
URING_API int uring_init_fd(struct uring *ring, const struct uring_params *params, int fd);

/* The bytes uring_init_mem needs for these, or -EINVAL. */
URING_API long uring_memory_size(const struct uring_params *params, unsigned entries);

/*
 * Makes the fastest ring this kernel has for the calling thread alone: only it
 * may submit, wait and destroy, and completions appear only in a call that
 * waits for or asks for them. Holds no descriptor where the kernel can do
 * without (5.18; fd is -1 then), but for those of a thread that has 16 of them, and
 * the least locked memory: two pages for up to 64 entries. Not inherited by fork; see
 * uring_forget. In another thread the functions that enter the kernel say -EEXIST.
 */
URING_API int uring_init_thread(struct uring *ring, unsigned entries);

/* Ends the ring. What is still in flight is cancelled, at some later time. */
URING_API void uring_destroy(struct uring *ring);

/*
 * Keeps the queues out of a child of fork, which would work on the parent's: it
 * faults instead when it uses the ring. uring_init_thread does this by itself.
 */
URING_API int uring_dontfork(struct uring *ring);

/*
 * For the child after fork: lets go of the descriptor and the queues, as far as
 * they were inherited, without touching the parent's.
 */
URING_API void uring_forget(struct uring *ring);

/*
 * The parts of uring_init, for those who call uring_sys_setup themselves: map
 * the queues of fd. uring_submission_queue_make maps the completion ring along
 * where the kernel has one mapping for both (URING_FEAT_SINGLE_MMAP).
 */
URING_API int uring_submission_queue_make(struct uring_sq *sq, int fd,
					  const struct uring_params *params);
URING_API int uring_completion_queue_make(struct uring_cq *cq, int fd,
					  const struct uring_params *params,
					  const struct uring_sq *sq);
URING_API int uring_submission_queue_destroy(struct uring_sq *sq);
URING_API int uring_completion_queue_destroy(struct uring_cq *cq);

/* uring_sys_enter on this ring, however it is named. */
URING_API int uring_enter(struct uring *ring, unsigned to_submit, unsigned min_complete,
			  unsigned flags, const void *arg, size_t argsz);

/*
 * Submits all entries taken so far. wait_nr > 0: and waits until that many
 * completions are there to be reaped, or timeout (relative; NULL: none) has
 * passed. Returns the number of entries submitted; when that is 0, -ETIME or
 * -EINTR tells why the wait ended early. It can end early without an error too:
 * when not all entries were taken, or a timeout operation completed.
 */
URING_API int uring_submit(struct uring *ring, unsigned wait_nr,
			   const struct uring_timespec *timeout);

/*
 * As uring_submit, with all that the kernel takes for a wait: a signal mask, a
 * short time after which fewer completions will do (min_wait_usec, 6.12), a
 * time limit; NULL: none of them. flags: URING_ENTER_ABS_TIMER (6.12; on the
 * clock of uring_register_clock), URING_ENTER_NO_IOWAIT (6.15). Enters the
 * kernel in any case. -EINVAL, and nothing is submitted: min_wait_usec before
 * 6.12, a signal mask with a time limit before 5.11.
 */
URING_API int uring_submit_wait(struct uring *ring, unsigned wait_nr, unsigned flags,
				const struct uring_getevents_arg *arg);

/*
 * As uring_submit, with the argument at index of uring_register_wait_region (6.13).
 * -EINVAL before 5.11, and nothing is submitted.
 */
URING_API int uring_submit_wait_reg(struct uring *ring, unsigned wait_nr, unsigned index);

/*
 * Waits until wait_nr completions are there to be reaped, and submits and reaps
 * nothing. flags, arg: as for uring_submit_wait. Returns 0, also when the wait
 * ended early and at least one is there; -ETIME, -EINTR when none is.
 */
URING_API int uring_wait(struct uring *ring, unsigned wait_nr, unsigned flags,
			 const struct uring_getevents_arg *arg);

/* Makes pending completions appear, without waiting. Returns 0 or an error. */
URING_API int uring_get_events(struct uring *ring);

/* With URING_SETUP_SQPOLL: waits for room in the submission queue. Returns 0. 5.10 */
URING_API int uring_sq_wait(struct uring *ring);

/*
 * Whether time spent waiting counts as waiting for I/O, which raises CPU
 * frequency and shows as iowait; at first it does. -EOPNOTSUPP before 6.15.
 */
URING_API int uring_set_iowait(struct uring *ring, int on);

/*
 * Moves up to nr completions to cqes, and waits for wait_nr of them first when
 * none is there. Returns the number moved: 0 only when wait_nr is 0 or nr is;
 * -ETIME, -EINTR. With URING_SETUP_CQE32 each of cqes takes 32 bytes; with
 * URING_SETUP_CQE_MIXED nr and the result count units of 16 bytes, of which an
 * entry with URING_CQE_F_32 takes two: 0 also when nr is 1 and the next is such.
 */
URING_API int uring_copy_cqes(struct uring *ring, struct uring_cqe *cqes, unsigned nr,
			      unsigned wait_nr, const struct uring_timespec *timeout);

/* As uring_copy_cqes, but never enters the kernel. */
URING_API unsigned uring_copy_cqes_ready(struct uring *ring, struct uring_cqe *cqes, unsigned nr);

/*
 * Points cqes to up to nr of the oldest completions, where they are in the
 * queue: each to be given back (uring_cq_advance). Asks the kernel for those it
 * holds back when none is there, and does not wait. Returns how many.
 */
URING_API unsigned uring_peek_cqes(struct uring *ring, struct uring_cqe **cqes, unsigned nr);

/* The submission entries not yet consumed by the kernel, shown to it or not. */
URING_INLINE unsigned uring_sq_ready(const struct uring *ring)
{
	if (!ring || !ring->sq.entries)
		return 0;
	return ring->sq.sqe_tail - __atomic_load_n(ring->sq.head, __ATOMIC_ACQUIRE);
}

/* The submission entries that can still be taken. */
URING_INLINE unsigned uring_free_space(const struct uring *ring)
{
	return ring ? ring->sq.entries - uring_sq_ready(ring) : 0;
}

/* uring_take_sqe, when by the last look at it there is no room for extra and one more. */
URING_INLINE int uring_sq_look_again(struct uring *ring, unsigned extra)
{
	struct uring_sq *sq = &ring->sq;

	if (extra >= sq->entries)
		return 0;
	/* Acquire: the kernel has done with the entry when we see its head move. */
	sq->sqe_head = __atomic_load_n(sq->head, __ATOMIC_ACQUIRE);
	return sq->sqe_tail - sq->sqe_head < sq->entries - extra;
}

/*
 * Takes a submission entry. extra: how many more must be free behind it, for a
 * chain that must not be torn (a timeout linked to it, say). NULL when there is
 * not that much room. What was in its first 64 bytes is still there: for one
 * who fills them all, as uring_prep_X does.
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

/* As uring_take_sqe, and clears it. */
URING_INLINE struct uring_sqe *uring_get_sqe(struct uring *ring, unsigned extra)
{
	struct uring_sqe *sqe = uring_take_sqe(ring, extra);

	if (sqe)
		__builtin_memset(sqe, 0, sizeof(*sqe));
	return sqe;
}

/*
 * As uring_take_sqe, an entry of 128 bytes, of which the last 64 are cleared.
 * NULL also for a ring that has none: with URING_SETUP_SQE128 all of its
 * entries are, with URING_SETUP_SQE_MIXED (6.19) one takes the place of two. It
 * must not begin in the last place of the queue; then a no-op that posts nothing
 * is put there.
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

/* As uring_take_sqe128, and clears all of it. */
URING_INLINE struct uring_sqe *uring_get_sqe128(struct uring *ring)
{
	struct uring_sqe *sqe = uring_take_sqe128(ring);

	if (sqe)
		__builtin_memset(sqe, 0, sizeof(*sqe));
	return sqe;
}

/*
 * Shows the entries taken to the kernel. Returns how many wait there; a kernel
 * thread (URING_SETUP_SQPOLL) may take them from now on.
 */
URING_INLINE unsigned uring_flush_sq(struct uring *ring)
{
	struct uring_sq *sq;

	if (!ring || !ring->sq.entries)
		return 0;
	sq = &ring->sq;
	/* Release: what is in the entries comes before the tail that shows them. */
	__atomic_store_n(sq->tail, sq->sqe_tail, __ATOMIC_RELEASE);
	return sq->sqe_tail - __atomic_load_n(sq->head, __ATOMIC_ACQUIRE);
}

/*
 * Whether entries shown to the kernel need a system call to be taken: always,
 * unless a kernel thread does and is awake. Adds to flags (URING_ENTER_*) what
 * that call needs.
 */
URING_INLINE int uring_sq_ring_needs_enter(const struct uring *ring, unsigned *flags)
{
	if (!ring || !ring->sq.entries)
		return 0;
	if (!(ring->flags & URING_SETUP_SQPOLL))
		return 1;
	/*
	 * The thread sets its flag and then looks at the tail once more; we have
	 * stored the tail and now look at the flag. Only a full fence keeps both
	 * from missing each other.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!(__atomic_load_n(ring->sq.flags, __ATOMIC_RELAXED) & URING_SQ_NEED_WAKEUP))
		return 0;
	*flags |= URING_ENTER_SQ_WAKEUP;
	return 1;
}

/* Whether the kernel has completions that only a system call makes appear. */
URING_INLINE int uring_cq_ring_needs_flush(const struct uring *ring)
{
	if (!ring || !ring->sq.entries)
		return 0;
	return (__atomic_load_n(ring->sq.flags, __ATOMIC_RELAXED) &
		(URING_SQ_CQ_OVERFLOW | URING_SQ_TASKRUN)) != 0;
}

/* The completions there to be reaped (slots of 16 bytes with URING_SETUP_CQE_MIXED). */
URING_INLINE unsigned uring_cq_ready(const struct uring *ring)
{
	if (!ring || !ring->cq.tail)
		return 0;
	/* Acquire: the entries are read after the tail that shows them. */
	return __atomic_load_n(ring->cq.tail, __ATOMIC_ACQUIRE) - *ring->cq.head;
}

/* The completion index places behind the oldest, of uring_cq_ready() many. */
URING_INLINE struct uring_cqe *uring_cqe_at(const struct uring *ring, unsigned index)
{
	return &ring->cq.cqes[((*ring->cq.head + index) & ring->cq.mask) << ring->cq.cqe_shift];
}

/* Gives count completions back to the kernel; not for those uring_copy_cqes* moved. */
URING_INLINE void uring_cq_advance(struct uring *ring, unsigned count)
{
	if (!ring || !ring->cq.head)
		return;
	/* Release: our reads of the entries come before the head that frees them. */
	__atomic_store_n(ring->cq.head, *ring->cq.head + count, __ATOMIC_RELEASE);
}

/* The oldest completion, or NULL: none is there. Gives back the fillers before it. */
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

/* The slots of 16 bytes a completion takes where their sizes are mixed. */
URING_INLINE unsigned uring_cqe_slots(const struct uring_cqe *cqe)
{
	return cqe->flags & URING_CQE_F_32 ? 2 : 1;
}

/* Gives the oldest completion back, once, when its reader has done with it. */
URING_INLINE void uring_cqe_seen(struct uring *ring)
{
	unsigned count = 1;

	if (!uring_cq_ready(ring))
		return;
	if (ring->flags & URING_SETUP_CQE_MIXED)
		count = uring_cqe_slots(uring_cqe_at(ring, 0));
	uring_cq_advance(ring, count);
}

/* The buffer a completion with URING_CQE_F_BUFFER used, else -1. */
URING_INLINE int uring_cqe_buffer(const struct uring_cqe *cqe)
{
	return cqe->flags & URING_CQE_F_BUFFER ? (int)(cqe->flags >> URING_CQE_BUFFER_SHIFT) : -1;
}

/* Whether completions wait in the kernel for room in the queue. */
URING_INLINE int uring_cq_has_overflow(const struct uring *ring)
{
	if (!ring || !ring->sq.entries)
		return 0;
	return (__atomic_load_n(ring->sq.flags, __ATOMIC_RELAXED) & URING_SQ_CQ_OVERFLOW) != 0;
}

/* Whether the registered eventfd is signalled; it is, unless muted. */
URING_INLINE int uring_cq_eventfd_enabled(const struct uring *ring)
{
	if (!ring || !ring->cq.flags)
		return 1;
	return !(__atomic_load_n(ring->cq.flags, __ATOMIC_RELAXED) & URING_CQ_EVENTFD_DISABLED);
}

/* Mutes the registered eventfd, or ends that. -EOPNOTSUPP before 5.8. */
URING_INLINE int uring_cq_eventfd_toggle(struct uring *ring, int enabled)
{
	if (!ring)
		return -EINVAL;
	if (!ring->cq.entries)
		return -EBADF;
	if (!ring->cq.flags)
		return enabled ? 0 : -EOPNOTSUPP;
	__atomic_store_n(ring->cq.flags, enabled ? 0 : URING_CQ_EVENTFD_DISABLED,
			 __ATOMIC_RELAXED);
	return 0;
}

#ifdef __cplusplus
}
#endif

#endif

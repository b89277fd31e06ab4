/* SPDX-License-Identifier: MIT */
/* The ring: its parts, and how it is created and destroyed. */
#ifndef RINGSHIM_URING_RING_H
#define RINGSHIM_URING_RING_H

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
 * The raw system calls. They leave errno untouched. Returns a descriptor, or an index with
 * URING_SETUP_REGISTERED_FD_ONLY (setup); the number of entries consumed (enter), which
 * reports an error of the wait only when that number is 0; what the opcode defines
 * (register); or a negative errno.
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
 * for, and on return the setup that the kernel granted; NULL: URING_DEFAULT_PARAMS. On
 * failure ring is closed, and uring_why_text(uring_why_failed(error)) describes the error.
 * Returns 0. -EINVAL: entries, or a flag that this kernel lacks; -EPERM: forbidden by
 * kernel.io_uring_disabled or a seccomp filter; -ENOSYS: no io_uring; -ENOMEM: locked
 * memory is used up (RLIMIT_MEMLOCK); -EMFILE, -ENFILE: too many open files.
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
 * Like uring_init, but for a ring that uring_sys_setup created: takes its fd and the params
 * that it returned. uring_destroy closes fd. When uring_init_fd fails, fd stays open.
 */
URING_API int uring_init_fd(struct uring *ring, const struct uring_params *params, int fd);

/*
 * Returns the number of bytes that uring_init_mem needs for these arguments. -EINVAL: it
 * accepts none of that size.
 */
URING_API long uring_memory_size(const struct uring_params *params, unsigned entries);

/*
 * Creates the fastest ring that this kernel offers to the calling thread. Only this thread
 * may submit, wait and destroy; in another thread the functions that enter the kernel
 * return -EEXIST. Completions appear only in a call that waits for them or asks for them.
 *
 * The ring holds no descriptor where the kernel can do without one (5.18; fd is -1 then),
 * unless the thread already has 16 registered rings. It takes the least locked memory: two
 * pages for up to 64 entries. fork does not pass it on: the child calls uring_forget.
 * Returns 0. For the errors, see uring_init.
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
 * them. Returns 0 or a negative errno.
 */
URING_API int uring_submission_queue_make(struct uring_sq *sq, int fd,
					  const struct uring_params *params);
URING_API int uring_completion_queue_make(struct uring_cq *cq, int fd,
					  const struct uring_params *params,
					  const struct uring_sq *sq);
URING_API int uring_submission_queue_destroy(struct uring_sq *sq);
URING_API int uring_completion_queue_destroy(struct uring_cq *cq);

#ifdef __cplusplus
}
#endif

#endif

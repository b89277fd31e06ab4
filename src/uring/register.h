/*
 * What a ring can be told to keep: files, buffers, limits, other names.
 * Each returns 0, or what its text says, or a negative errno; a kernel that is
 * too old says -EINVAL. The number that ends a text is the kernel's.
 */
#ifndef RINGSHIM_URING_REGISTER_H
#define RINGSHIM_URING_REGISTER_H

#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "queue.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iovec;

/*
 * uring_sys_register on this ring, however it is named. From a ring without a
 * descriptor it works since 6.3; -EINVAL before.
 */
URING_API int uring_register(struct uring *ring, unsigned opcode, const void *arg,
			     unsigned nr_args);

/* ---- buffers ---- */

/*
 * Registers nr buffers, at most URING_MAX_REG_BUFFERS of up to 1 GiB each. They
 * are pinned, and count as locked memory. -EBUSY: there are some already;
 * -EFAULT: not to be had, or a file's pages. 5.1
 */
URING_API int uring_register_buffers(struct uring *ring, const struct iovec *iov, unsigned nr);

/*
 * As uring_register_buffers; tags[i], if not 0, is posted when buffer i is let
 * go: when it is replaced, and, on 6.18 but not yet on 6.12, when all are
 * dropped. 5.13
 */
URING_API int uring_register_buffers_tags(struct uring *ring, const struct iovec *iov,
					  const uint64_t *tags, unsigned nr);

/* Registers nr empty places, to be filled by uring_register_buffers_update. 5.19 */
URING_API int uring_register_buffers_sparse(struct uring *ring, unsigned nr);

/* Replaces nr buffers from offset on; tags may be NULL. Returns how many. 5.13 */
URING_API int uring_register_buffers_update(struct uring *ring, unsigned offset,
					    const struct iovec *iov, const uint64_t *tags,
					    unsigned nr);

/* Drops all of them. -ENXIO: there are none. 5.1 */
URING_API int uring_unregister_buffers(struct uring *ring);

/* Gives ring the buffers of another, in place of none. -EBUSY: it has some. 6.12 */
URING_API int uring_clone_buffers(struct uring *ring, struct uring *from);

/*
 * As uring_clone_buffers, nr of them (0: all) from from_offset to offset. flags:
 * URING_REGISTER_DST_REPLACE. 6.13
 */
URING_API int uring_clone_buffers_offset(struct uring *ring, struct uring *from,
					 unsigned offset, unsigned from_offset, unsigned nr,
					 unsigned flags);

/* ---- files ---- */

/*
 * Registers nr files; -1 leaves a slot empty. -EMFILE: more than RLIMIT_NOFILE;
 * -EBUSY: there are some already. 5.1
 */
URING_API int uring_register_files(struct uring *ring, const int *fds, unsigned nr);

/* As uring_register_files; tags[i], if not 0, is posted when file i is let go. 5.13 */
URING_API int uring_register_files_tags(struct uring *ring, const int *fds,
					const uint64_t *tags, unsigned nr);

/* Registers nr empty slots. 5.19; before, use uring_register_files with -1 */
URING_API int uring_register_files_sparse(struct uring *ring, unsigned nr);

/*
 * Replaces nr files from slot offset on: -1 empties, URING_REGISTER_FILES_SKIP
 * leaves one. Returns how many were done. 5.5
 */
URING_API int uring_register_files_update(struct uring *ring, unsigned offset, const int *fds,
					  unsigned nr);

/* As uring_register_files_update, with tags. 5.13 */
URING_API int uring_register_files_update_tags(struct uring *ring, unsigned offset,
					       const int *fds, const uint64_t *tags,
					       unsigned nr);

/* Drops all of them. -ENXIO: there are none. 5.1 */
URING_API int uring_unregister_files(struct uring *ring);

/* Confines URING_FILE_INDEX_ALLOC to len slots from offset on. 6.0 */
URING_API int uring_register_file_alloc_range(struct uring *ring, unsigned offset, unsigned len);

/* ---- rings of provided buffers ---- */

/* Makes a ring of provided buffers of reg. -EEXIST: the group is in use. 5.19 */
URING_API int uring_register_buf_ring(struct uring *ring, struct uring_buf_reg *reg);

/* Ends the group's ring of buffers. 5.19 */
URING_API int uring_unregister_buf_ring(struct uring *ring, unsigned group);

/* Where the kernel takes the next buffer of group from: to *head. 6.8 */
URING_API int uring_buf_ring_head(struct uring *ring, unsigned group, uint16_t *head);

/*
 * Makes the group's ring of nr_entries places (a power of two, up to 32768),
 * memory included. flags: URING_PBUF_RING_INC: buffers are used up bit by bit
 * (6.12). Ends with uring_free_buf_ring. 5.19
 */
URING_API int uring_setup_buf_ring(struct uring *ring, struct uring_buf_ring **br,
				   unsigned nr_entries, unsigned group, unsigned flags);

/* Undoes uring_setup_buf_ring. */
URING_API int uring_free_buf_ring(struct uring *ring, struct uring_buf_ring *br,
				  unsigned nr_entries, unsigned group);

/* The mask of a ring of nr_entries places. */
URING_INLINE int uring_buf_ring_mask(unsigned nr_entries)
{
	return (int)nr_entries - 1;
}

/* Empties a ring in memory of the caller's, before it is registered. */
URING_INLINE void uring_buf_ring_init(struct uring_buf_ring *br)
{
	br->tail = 0;
}

/*
 * Puts a buffer, called id in completions, at the index-th place behind the
 * tail. Not seen by the kernel before uring_buf_ring_advance.
 */
URING_INLINE void uring_buf_ring_add(struct uring_buf_ring *br, void *addr, unsigned len,
				     uint16_t id, int mask, int index)
{
	struct uring_buf *buf = &br->bufs[(br->tail + index) & mask];

	/* Not the whole entry: in the first one the last member is the tail. */
	buf->addr = (uintptr_t)addr;
	buf->len = len;
	buf->bid = id;
}

/* Shows the count buffers added last to the kernel. */
URING_INLINE void uring_buf_ring_advance(struct uring_buf_ring *br, int count)
{
	/* Release: the entries are written before the tail that shows them. */
	__atomic_store_n(&br->tail, (uint16_t)(br->tail + count), __ATOMIC_RELEASE);
}

/* Both at once, where each completion seen gives a buffer back. */
URING_INLINE void uring_buf_ring_cq_advance(struct uring *ring, struct uring_buf_ring *br,
					    int count)
{
	uring_buf_ring_advance(br, count);
	uring_cq_advance(ring, (unsigned)count);
}

/* The buffers the kernel has not taken yet, or a negative errno. 6.8 */
URING_API int uring_buf_ring_available(struct uring *ring, struct uring_buf_ring *br,
				       unsigned group);

/* ---- what happens on completions ---- */

/* Signals an eventfd on completions. -EBUSY: one is set already. 5.2 */
URING_API int uring_register_eventfd(struct uring *ring, int eventfd);

/* As uring_register_eventfd, but not for what completes within uring_submit. 5.6 */
URING_API int uring_register_eventfd_async(struct uring *ring, int eventfd);

/* Ends that. -ENXIO: none is set. 5.2 */
URING_API int uring_unregister_eventfd(struct uring *ring);

/* Busy polls network devices; the settings before are written to napi. 6.9 */
URING_API int uring_register_napi(struct uring *ring, struct uring_napi *napi);

/* Ends that; the settings before are written to napi, which may be NULL. 6.9 */
URING_API int uring_unregister_napi(struct uring *ring, struct uring_napi *napi);

/* The clock of the time limits of waits: CLOCK_MONOTONIC or CLOCK_BOOTTIME. 6.12 */
URING_API int uring_register_clock(struct uring *ring, unsigned clockid);

/* ---- who may do what ---- */

/* Keeps the caller's credentials; returns the number for sqe.personality. 5.6 */
URING_API int uring_register_personality(struct uring *ring);

/* Forgets them. -EINVAL: no such number. 5.6 */
URING_API int uring_unregister_personality(struct uring *ring, int id);

/*
 * Allows no more than what restrictions list, once the ring, made with
 * URING_SETUP_R_DISABLED, is enabled. -EBUSY: they are set. 5.10
 */
URING_API int uring_register_restrictions(struct uring *ring,
					  const struct uring_restriction *restrictions,
					  unsigned nr);

/* Starts a ring made with URING_SETUP_R_DISABLED. -EBADFD: it is running. 5.10 */
URING_API int uring_enable_rings(struct uring *ring);

/* Request filters in BPF; the ring's, or with NULL the calling thread's. 7.0 */
URING_API int uring_register_bpf_filter(struct uring *ring, struct uring_bpf *bpf);

/* ---- workers ---- */

/* The CPUs of the kernel's workers for this ring: a cpu_set_t of size bytes. 5.14 */
URING_API int uring_register_iowq_aff(struct uring *ring, size_t size, const void *cpu_set);

/* Any CPU again. 5.14 */
URING_API int uring_unregister_iowq_aff(struct uring *ring);

/*
 * The most workers, [URING_WQ_BOUND] and [URING_WQ_UNBOUND]; 0 leaves one as it
 * is. The values before are written there. 5.15
 */
URING_API int uring_register_iowq_max_workers(struct uring *ring, unsigned max[2]);

/* ---- the ring itself ---- */

/*
 * Makes uring_submit use a slot of the calling thread's sixteen registered
 * rings: cheaper, but from then on only this thread may enter. Returns 1.
 * -EEXIST: it does already; -EBUSY: no slot is free. 5.18
 */
URING_API int uring_register_ring_fd(struct uring *ring);

/* Undoes that; a ring without descriptor then is of no use. Returns 1. 5.18 */
URING_API int uring_unregister_ring_fd(struct uring *ring);

/* As uring_register_ring_fd, if need be, and closes the descriptor. Returns 1. 5.18 */
URING_API int uring_close_ring_fd(struct uring *ring);

/*
 * Changes the sizes of the queues: params sq_entries, cq_entries with
 * URING_SETUP_CQSIZE, and URING_SETUP_CLAMP; returned there as they are. Only
 * with URING_SETUP_DEFER_TASKRUN, memory of the kernel's and no index array (as
 * uring_init makes it), -EINVAL else; -EOVERFLOW: what is queued does not fit;
 * -EBADF: the ring holds no descriptor to map them by. The ring is closed when
 * the new queues cannot be mapped. 6.13
 */
URING_API int uring_resize_rings(struct uring *ring, struct uring_params *params);

/* Registers a memory region; where the kernel placed it is written to reg. 6.13 */
URING_API int uring_register_region(struct uring *ring, struct uring_mem_region_reg *reg);

/*
 * Registers nr wait arguments, for uring_submit_wait_reg; their memory must be
 * whole pages and stay. Once, while the ring is disabled. 6.13
 */
URING_API int uring_register_wait_region(struct uring *ring, struct uring_reg_wait *waits,
					 unsigned nr);

/* ---- operations without an entry ---- */

/*
 * Cancels and waits for the end. Returns 0, or how many with
 * URING_ASYNC_CANCEL_ALL; -ENOENT: none such; -ETIME. 6.0
 */
URING_API int uring_register_sync_cancel(struct uring *ring, struct uring_sync_cancel_reg *reg);

/* Runs a uring_prep_msg_ring entry without a ring of one's own. 6.13 */
URING_API int uring_register_sync_msg(const struct uring_sqe *sqe);

/* ---- asking ---- */

/* The operations this kernel has, to probe with room for nr. 5.6 */
URING_API int uring_register_probe(struct uring *ring, struct uring_probe *probe, unsigned nr);

/* A chain of queries; needs no ring, NULL. Each query's own result is in it. 6.18 */
URING_API int uring_register_query(struct uring *ring, struct uring_query_hdr *hdr);

/* ---- zero-copy receive ---- */

/*
 * Binds a hardware receive queue; CAP_NET_ADMIN, and a ring with
 * URING_SETUP_DEFER_TASKRUN and CQE32 or CQE_MIXED. 6.15
 */
URING_API int uring_register_ifq(struct uring *ring, struct uring_zcrx_ifq_reg *reg);

/* Flushes the refill queue, or exports the instance. 6.19 */
URING_API int uring_register_zcrx_ctrl(struct uring *ring, struct uring_zcrx_ctrl *ctrl);

#ifdef __cplusplus
}
#endif

#endif

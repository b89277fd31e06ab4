/* SPDX-License-Identifier: MIT */
/*
 * Registrations: files, buffers, limits and other things that a ring keeps. Each function
 * returns 0, or what its comment says, or a negative errno; a kernel that is too old
 * returns -EINVAL. The number at the end of a comment is the first kernel with the
 * function.
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
 * Calls uring_sys_register on this ring, by descriptor or by registered index. On a ring
 * without a descriptor it works since 6.3; -EINVAL before. 5.1
 */
URING_API int uring_register(struct uring *ring, unsigned opcode, const void *arg,
			     unsigned nr_args);

/* ---- buffers ---- */

/*
 * Registers nr buffers, at most URING_MAX_REG_BUFFERS of up to 1 GiB each. They are pinned,
 * and count as locked memory. -EBUSY: buffers are registered already; -EFAULT: the memory
 * is not accessible, or its pages are a file's. 5.1
 */
URING_API int uring_register_buffers(struct uring *ring, const struct iovec *iov, unsigned nr);

/*
 * Like uring_register_buffers, with tags: when buffer i is released, a completion with user
 * data tags[i] is posted, unless that is 0. A buffer is released when it is replaced and,
 * on 6.18 but not yet on 6.12, when all are dropped. 5.13
 */
URING_API int uring_register_buffers_tags(struct uring *ring, const struct iovec *iov,
					  const uint64_t *tags, unsigned nr);

/* Registers nr empty places, for uring_register_buffers_update to fill. 5.19 */
URING_API int uring_register_buffers_sparse(struct uring *ring, unsigned nr);

/*
 * Replaces nr buffers from offset on; tags can be NULL. Returns the number replaced.
 * -ENXIO: no buffers are registered; -EINVAL: there are no such places. 5.13
 */
URING_API int uring_register_buffers_update(struct uring *ring, unsigned offset,
					    const struct iovec *iov, const uint64_t *tags,
					    unsigned nr);

/* Unregisters all buffers. -ENXIO: there are none. 5.1 */
URING_API int uring_unregister_buffers(struct uring *ring);

/*
 * Gives ring the registered buffers of from. -EBUSY: ring has buffers already; -ENXIO: from
 * has none. 6.12
 */
URING_API int uring_clone_buffers(struct uring *ring, struct uring *from);

/*
 * Like uring_clone_buffers, but clones nr buffers (0: all) from from_offset on to offset
 * on. flags: URING_REGISTER_DST_REPLACE. 6.13
 */
URING_API int uring_clone_buffers_offset(struct uring *ring, struct uring *from, unsigned offset,
					 unsigned from_offset, unsigned nr, unsigned flags);

/* ---- files ---- */

/*
 * Registers nr files; -1 leaves a slot empty. -EMFILE: more than RLIMIT_NOFILE; -EBUSY:
 * files are registered already. 5.1
 */
URING_API int uring_register_files(struct uring *ring, const int *fds, unsigned nr);

/*
 * Like uring_register_files, with tags: when file i is released, a completion with user
 * data tags[i] is posted, unless that is 0. 5.13
 */
URING_API int uring_register_files_tags(struct uring *ring, const int *fds, const uint64_t *tags,
					unsigned nr);

/* Registers nr empty slots. 5.19; before, use uring_register_files with -1 */
URING_API int uring_register_files_sparse(struct uring *ring, unsigned nr);

/*
 * Replaces nr files from slot offset on: -1 empties a slot, URING_REGISTER_FILES_SKIP
 * leaves it unchanged. Returns the number of slots done. -ENXIO: no files are registered;
 * -EINVAL: there are no such slots; -EBADF: a descriptor is not open. 5.5
 */
URING_API int uring_register_files_update(struct uring *ring, unsigned offset, const int *fds,
					  unsigned nr);

/* Like uring_register_files_update, with tags. 5.13 */
URING_API int uring_register_files_update_tags(struct uring *ring, unsigned offset, const int *fds,
					       const uint64_t *tags, unsigned nr);

/* Unregisters all files. -ENXIO: there are none. 5.1 */
URING_API int uring_unregister_files(struct uring *ring);

/*
 * Limits URING_FILE_INDEX_ALLOC to len slots from offset on. -EINVAL: there are no such
 * slots. 6.0
 */
URING_API int uring_register_file_alloc_range(struct uring *ring, unsigned offset, unsigned len);

/* ---- rings of provided buffers ---- */

/*
 * Registers the ring of provided buffers that reg describes. -EEXIST: the group is in use;
 * -EINVAL: the number of entries is not a power of two up to 32768, or the address is not
 * that of a page. 5.19
 */
URING_API int uring_register_buf_ring(struct uring *ring, struct uring_buf_reg *reg);

/* Unregisters the group's ring of buffers. -ENOENT: no such group. 5.19 */
URING_API int uring_unregister_buf_ring(struct uring *ring, unsigned group);

/*
 * Stores to *head the place from which the kernel takes the next buffer of group. -ENOENT:
 * no such group. 6.8
 */
URING_API int uring_buf_ring_head(struct uring *ring, unsigned group, uint16_t *head);

/*
 * Allocates a ring of nr_entries buffers (a power of two, up to 32768), registers it for
 * group and stores its address to *br. flags: URING_PBUF_RING_INC: buffers are consumed
 * piece by piece (6.12). uring_free_buf_ring frees it. -EINVAL: nr_entries, group or flags
 * are out of range; -EEXIST: the group is in use; -ENOMEM: no memory. 5.19
 */
URING_API int uring_setup_buf_ring(struct uring *ring, struct uring_buf_ring **br,
				   unsigned nr_entries, unsigned group, unsigned flags);

/*
 * Undoes uring_setup_buf_ring: unregisters the ring of buffers and frees its memory.
 * -ENOENT: no such group. 5.19
 */
URING_API int uring_free_buf_ring(struct uring *ring, struct uring_buf_ring *br,
				  unsigned nr_entries, unsigned group);

/* Returns the mask of a ring of nr_entries places. 5.19 */
URING_INLINE int uring_buf_ring_mask(unsigned nr_entries)
{
	return (int)nr_entries - 1;
}

/* Empties a ring of buffers in the caller's memory, before it is registered. 5.19 */
URING_INLINE void uring_buf_ring_init(struct uring_buf_ring *br)
{
	br->tail = 0;
}

/*
 * Puts a buffer at the index-th place after the tail. Completions name it by id. The kernel
 * sees it only after uring_buf_ring_advance. 5.19
 */
URING_INLINE void uring_buf_ring_add(struct uring_buf_ring *br, void *addr, unsigned len,
				     uint16_t id, int mask, int index)
{
	struct uring_buf *buf = &br->bufs[(br->tail + index) & mask];

	/* Do not write the whole entry: in the first one the last member is the tail. */
	buf->addr = (uintptr_t)addr;
	buf->len = len;
	buf->bid = id;
}

/* Publishes the count buffers added last to the kernel. 5.19 */
URING_INLINE void uring_buf_ring_advance(struct uring_buf_ring *br, int count)
{
	/* Release: the entries are written before the tail that publishes them. */
	__atomic_store_n(&br->tail, (uint16_t)(br->tail + count), __ATOMIC_RELEASE);
}

/*
 * Does uring_buf_ring_advance and uring_cq_advance at once, for when each completion reaped
 * gives one buffer back. 5.19
 */
URING_INLINE void uring_buf_ring_cq_advance(struct uring *ring, struct uring_buf_ring *br,
					    int count)
{
	uring_buf_ring_advance(br, count);
	uring_cq_advance(ring, (unsigned)count);
}

/* Returns the number of buffers that the kernel has not taken yet. -ENOENT: no such group. 6.8 */
URING_API int uring_buf_ring_available(struct uring *ring, struct uring_buf_ring *br,
				       unsigned group);

/* ---- eventfd, busy polling, clock ---- */

/*
 * Signals an eventfd on completions. -EBUSY: one is registered already; -EINVAL: it is not
 * an eventfd. 5.2
 */
URING_API int uring_register_eventfd(struct uring *ring, int eventfd);

/* Like uring_register_eventfd, but not for what completes within uring_submit. 5.6 */
URING_API int uring_register_eventfd_async(struct uring *ring, int eventfd);

/* Unregisters the eventfd. -ENXIO: none is registered. 5.2 */
URING_API int uring_unregister_eventfd(struct uring *ring);

/*
 * Turns on busy polling of network devices, as napi says; the old settings are written
 * there. 6.9
 */
URING_API int uring_register_napi(struct uring *ring, struct uring_napi *napi);

/* Turns busy polling off. The old settings are written to napi, which can be NULL. 6.9 */
URING_API int uring_unregister_napi(struct uring *ring, struct uring_napi *napi);

/*
 * Sets the clock for the time limits of waits: CLOCK_MONOTONIC or CLOCK_BOOTTIME. -EINVAL:
 * another clock. 6.12
 */
URING_API int uring_register_clock(struct uring *ring, unsigned clockid);

/* ---- credentials, restrictions ---- */

/* Registers the caller's credentials. Returns the number for sqe.personality. 5.6 */
URING_API int uring_register_personality(struct uring *ring);

/* Drops registered credentials. -EINVAL: no such number. 5.6 */
URING_API int uring_unregister_personality(struct uring *ring, int id);

/*
 * Once the ring is enabled, it allows only what restrictions lists. It must be made with
 * URING_SETUP_R_DISABLED. -EBUSY: restrictions are set already; -EBADFD: the ring is
 * enabled. 5.10
 */
URING_API int uring_register_restrictions(struct uring *ring,
					  const struct uring_restriction *restrictions,
					  unsigned nr);

/* Enables a ring made with URING_SETUP_R_DISABLED. -EBADFD: it is enabled already. 5.10 */
URING_API int uring_enable_rings(struct uring *ring);

/* Adds a request filter in BPF to the ring or, with NULL, to the calling thread. 7.0 */
URING_API int uring_register_bpf_filter(struct uring *ring, struct uring_bpf *bpf);

/* ---- io-wq workers ---- */

/* Sets the CPUs of the ring's io-wq workers: a cpu_set_t of size bytes. 5.14 */
URING_API int uring_register_iowq_aff(struct uring *ring, size_t size, const void *cpu_set);

/* Allows the ring's io-wq workers to run on any CPU again. 5.14 */
URING_API int uring_unregister_iowq_aff(struct uring *ring);

/*
 * Sets the maximum numbers of io-wq workers, max[URING_WQ_BOUND] and max[URING_WQ_UNBOUND];
 * 0 leaves a limit unchanged. The previous limits are written to max. 5.15
 */
URING_API int uring_register_iowq_max_workers(struct uring *ring, unsigned max[2]);

/* ---- the ring itself ---- */

/*
 * Makes uring_submit use one of the calling thread's 16 slots for registered rings. This is
 * cheaper, but from then on only this thread may enter the ring. Returns 1. -EEXIST: the
 * ring is registered already; -EBUSY: no slot is free. 5.18
 */
URING_API int uring_register_ring_fd(struct uring *ring);

/*
 * Undoes uring_register_ring_fd. A ring without a descriptor is useless then. Returns 1.
 * -EINVAL: it is not registered. 5.18
 */
URING_API int uring_unregister_ring_fd(struct uring *ring);

/* Closes the ring's descriptor, after uring_register_ring_fd if necessary. Returns 1. 5.18 */
URING_API int uring_close_ring_fd(struct uring *ring);

/*
 * Changes the sizes of the queues. params: sq_entries, cq_entries with URING_SETUP_CQSIZE,
 * URING_SETUP_CLAMP; the resulting sizes are written there. The ring must have
 * URING_SETUP_DEFER_TASKRUN, queues in kernel memory and no index array (uring_init makes
 * none where it can); otherwise -EINVAL. -EOVERFLOW: what is queued does not fit; -EBADF:
 * the ring holds no descriptor to map the new queues by. If the new queues cannot be
 * mapped, the ring is closed. 6.13
 */
URING_API int uring_resize_rings(struct uring *ring, struct uring_params *params);

/* Registers a memory region. The kernel writes its location back through reg. 6.13 */
URING_API int uring_register_region(struct uring *ring, struct uring_mem_region_reg *reg);

/*
 * Registers nr wait arguments for uring_submit_wait_reg. Their memory must be whole pages
 * and stay mapped. Possible once, while the ring is disabled. 6.13
 */
URING_API int uring_register_wait_region(struct uring *ring, struct uring_reg_wait *waits,
					 unsigned nr);

/* ---- operations without an entry ---- */

/*
 * Cancels matching operations and waits for their end. Returns 0, or the number of them
 * with URING_ASYNC_CANCEL_ALL; -ENOENT: no match; -ETIME: they did not end in time. 6.0
 */
URING_API int uring_register_sync_cancel(struct uring *ring, struct uring_sync_cancel_reg *reg);

/*
 * Runs a uring_prep_msg_ring entry; the caller needs no ring. -EBADF: no such descriptor;
 * -EINVAL: it is not such an entry. 6.13
 */
URING_API int uring_register_sync_msg(const struct uring_sqe *sqe);

/* ---- probing ---- */

/* Fills probe, which has room for nr operations, with those of this kernel. 5.6 */
URING_API int uring_register_probe(struct uring *ring, struct uring_probe *probe, unsigned nr);

/* Runs a chain of queries; ring can be NULL. Each query's result is written into it. 6.18 */
URING_API int uring_register_query(struct uring *ring, struct uring_query_hdr *hdr);

/* ---- zero-copy receive ---- */

/*
 * Binds a hardware receive queue. Needs CAP_NET_ADMIN, and a ring with
 * URING_SETUP_DEFER_TASKRUN and CQE32 or CQE_MIXED. 6.15
 */
URING_API int uring_register_ifq(struct uring *ring, struct uring_zcrx_ifq_reg *reg);

/* Flushes the refill queue of a zero-copy receive instance, or exports the instance. 6.19 */
URING_API int uring_register_zcrx_ctrl(struct uring *ring, struct uring_zcrx_ctrl *ctrl);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/* Registrations: puts the arguments of each into the form that the kernel expects. */
#include <sys/uio.h>

#include "internal.h"
#include "sys.h"

int uring_register(struct uring *ring, unsigned opcode, const void *arg, unsigned nr_args)
{
	if (!ring)
		return -EINVAL;
	if (ring->fd >= 0)
		return uring_sys_register(ring->fd, opcode, arg, nr_args);
	if (ring->enter_fd < 0)
		return -EBADF;
	if (uringi_is_of_another_thread(ring))
		return -EEXIST;
	return uring_sys_register(ring->enter_fd, opcode | URING_REGISTER_USE_REGISTERED_RING, arg,
				  nr_args);
}

static int register_resource(struct uring *ring, unsigned opcode, const void *data,
			     const uint64_t *tags, unsigned nr, unsigned flags)
{
	struct uring_rsrc_register reg = {
		.nr = nr,
		.flags = flags,
		.data = (uintptr_t)data,
		.tags = (uintptr_t)tags,
	};

	return uring_register(ring, opcode, &reg, sizeof(reg));
}

static int update_resource(struct uring *ring, unsigned opcode, unsigned offset, const void *data,
			   const uint64_t *tags, unsigned nr)
{
	struct uring_rsrc_update2 up = {
		.offset = offset,
		.data = (uintptr_t)data,
		.tags = (uintptr_t)tags,
		.nr = nr,
	};

	return uring_register(ring, opcode, &up, sizeof(up));
}

int uring_register_buffers(struct uring *ring, const struct iovec *iov, unsigned nr)
{
	return uring_register(ring, URING_REGISTER_BUFFERS, iov, nr);
}

int uring_register_buffers_tags(struct uring *ring, const struct iovec *iov, const uint64_t *tags,
				unsigned nr)
{
	return register_resource(ring, URING_REGISTER_BUFFERS2, iov, tags, nr, 0);
}

int uring_register_buffers_sparse(struct uring *ring, unsigned nr)
{
	return register_resource(ring, URING_REGISTER_BUFFERS2, NULL, NULL, nr,
				 URING_RSRC_REGISTER_SPARSE);
}

int uring_register_buffers_update(struct uring *ring, unsigned offset, const struct iovec *iov,
				  const uint64_t *tags, unsigned nr)
{
	return update_resource(ring, URING_REGISTER_BUFFERS_UPDATE, offset, iov, tags, nr);
}

int uring_unregister_buffers(struct uring *ring)
{
	return uring_register(ring, URING_UNREGISTER_BUFFERS, NULL, 0);
}

int uring_clone_buffers_offset(struct uring *ring, struct uring *from, unsigned offset,
			       unsigned from_offset, unsigned nr, unsigned flags)
{
	struct uring_clone_buffers clone = {
		.flags = flags,
		.src_off = from_offset,
		.dst_off = offset,
		.nr = nr,
	};

	if (!from)
		return -EINVAL;
	if (from->enter_fd < 0)
		return -EBADF;
	if (from->fd >= 0) {
		clone.src_fd = (uint32_t)from->fd;
	} else if (uringi_is_of_another_thread(from)) {
		return -EEXIST;
	} else {
		clone.src_fd = (uint32_t)from->enter_fd;
		clone.flags |= URING_REGISTER_SRC_REGISTERED;
	}
	return uring_register(ring, URING_REGISTER_CLONE_BUFFERS, &clone, 1);
}

int uring_clone_buffers(struct uring *ring, struct uring *from)
{
	return uring_clone_buffers_offset(ring, from, 0, 0, 0, 0);
}

int uring_register_files(struct uring *ring, const int *fds, unsigned nr)
{
	return uring_register(ring, URING_REGISTER_FILES, fds, nr);
}

int uring_register_files_tags(struct uring *ring, const int *fds, const uint64_t *tags, unsigned nr)
{
	return register_resource(ring, URING_REGISTER_FILES2, fds, tags, nr, 0);
}

int uring_register_files_sparse(struct uring *ring, unsigned nr)
{
	return register_resource(ring, URING_REGISTER_FILES2, NULL, NULL, nr,
				 URING_RSRC_REGISTER_SPARSE);
}

int uring_register_files_update(struct uring *ring, unsigned offset, const int *fds, unsigned nr)
{
	struct uring_files_update up = { .offset = offset, .fds = (uintptr_t)fds };

	return uring_register(ring, URING_REGISTER_FILES_UPDATE, &up, nr);
}

int uring_register_files_update_tags(struct uring *ring, unsigned offset, const int *fds,
				     const uint64_t *tags, unsigned nr)
{
	return update_resource(ring, URING_REGISTER_FILES_UPDATE2, offset, fds, tags, nr);
}

int uring_unregister_files(struct uring *ring)
{
	return uring_register(ring, URING_UNREGISTER_FILES, NULL, 0);
}

int uring_register_file_alloc_range(struct uring *ring, unsigned offset, unsigned len)
{
	struct uring_file_index_range range = { .off = offset, .len = len };

	return uring_register(ring, URING_REGISTER_FILE_ALLOC_RANGE, &range, 0);
}

int uring_register_eventfd(struct uring *ring, int eventfd)
{
	return uring_register(ring, URING_REGISTER_EVENTFD, &eventfd, 1);
}

int uring_register_eventfd_async(struct uring *ring, int eventfd)
{
	return uring_register(ring, URING_REGISTER_EVENTFD_ASYNC, &eventfd, 1);
}

int uring_unregister_eventfd(struct uring *ring)
{
	return uring_register(ring, URING_UNREGISTER_EVENTFD, NULL, 0);
}

int uring_register_napi(struct uring *ring, struct uring_napi *napi)
{
	return uring_register(ring, URING_REGISTER_NAPI, napi, 1);
}

int uring_unregister_napi(struct uring *ring, struct uring_napi *napi)
{
	return uring_register(ring, URING_UNREGISTER_NAPI, napi, 1);
}

int uring_register_clock(struct uring *ring, unsigned clockid)
{
	struct uring_clock_register reg = { .clockid = clockid };

	return uring_register(ring, URING_REGISTER_CLOCK, &reg, 0);
}

int uring_register_personality(struct uring *ring)
{
	return uring_register(ring, URING_REGISTER_PERSONALITY, NULL, 0);
}

int uring_unregister_personality(struct uring *ring, int id)
{
	return uring_register(ring, URING_UNREGISTER_PERSONALITY, NULL, (unsigned)id);
}

int uring_register_restrictions(struct uring *ring, const struct uring_restriction *restrictions,
				unsigned nr)
{
	return uring_register(ring, URING_REGISTER_RESTRICTIONS, restrictions, nr);
}

int uring_enable_rings(struct uring *ring)
{
	int ret = uring_register(ring, URING_REGISTER_ENABLE_RINGS, NULL, 0);

	if (!ret)
		ring->flags &= ~URING_SETUP_R_DISABLED;
	return ret;
}

int uring_register_bpf_filter(struct uring *ring, struct uring_bpf *bpf)
{
	if (!ring)
		return uring_sys_register(-1, URING_REGISTER_BPF_FILTER, bpf, 1);
	return uring_register(ring, URING_REGISTER_BPF_FILTER, bpf, 1);
}

int uring_register_iowq_aff(struct uring *ring, size_t size, const void *cpu_set)
{
	if (size > 1u << 20)
		return -EINVAL;
	return uring_register(ring, URING_REGISTER_IOWQ_AFF, cpu_set, (unsigned)size);
}

int uring_unregister_iowq_aff(struct uring *ring)
{
	return uring_register(ring, URING_UNREGISTER_IOWQ_AFF, NULL, 0);
}

int uring_register_iowq_max_workers(struct uring *ring, unsigned max[2])
{
	return uring_register(ring, URING_REGISTER_IOWQ_MAX_WORKERS, max, 2);
}

int uring_register_ring_fd(struct uring *ring)
{
	struct uring_rsrc_update up = { .offset = -1u };
	int ret;

	if (!ring)
		return -EINVAL;
	if (ring->enter_flags & URING_ENTER_REGISTERED_RING)
		return -EEXIST;
	if (ring->fd < 0)
		return -EBADF;
	up.data = (uint32_t)ring->fd;
	ret = uring_sys_register(ring->fd, URING_REGISTER_RING_FDS, &up, 1);
	if (ret != 1)
		return ret;
	ring->enter_fd = (int)up.offset;
	ring->enter_flags |= URING_ENTER_REGISTERED_RING;
	uringi_registered(ring);
	return ret;
}

int uring_unregister_ring_fd(struct uring *ring)
{
	struct uring_rsrc_update up = { 0 };
	int ret;

	if (!ring)
		return -EINVAL;
	if (!(ring->enter_flags & URING_ENTER_REGISTERED_RING))
		return ring->enter_fd < 0 ? -EBADF : -EINVAL;
	up.offset = (uint32_t)ring->enter_fd;
	ret = uring_register(ring, URING_UNREGISTER_RING_FDS, &up, 1);
	if (ret != 1)
		return ret;
	ring->enter_fd = ring->fd;
	ring->enter_flags &= (uint8_t)~URING_ENTER_REGISTERED_RING;
	uringi_unregistered(ring);
	return ret;
}

int uring_close_ring_fd(struct uring *ring)
{
	int ret;

	if (!ring)
		return -EINVAL;
	if (ring->fd < 0)
		return -EBADF;
	ret = uring_register_ring_fd(ring);
	if (ret != 1 && ret != -EEXIST)
		return ret;
	sys_close(ring->fd);
	ring->fd = -1;
	return 1;
}

int uring_resize_rings(struct uring *ring, struct uring_params *params)
{
	struct uring_params now = { 0 };
	struct uring_sq old_sq;
	struct uring_cq old_cq;
	int ret;

	if (!ring || !params)
		return -EINVAL;
	if (ring->fd < 0)
		return -EBADF;
	/* The kernel does not tell where the new index array is. */
	if (ring->sq.array)
		return -EINVAL;
	/* Publish the entries taken so far: the kernel moves only published ones. */
	uring_flush_sq(ring);
	now.sq_entries = params->sq_entries;
	now.cq_entries = params->cq_entries;
	now.flags = params->flags;
	ret = uring_register(ring, URING_REGISTER_RESIZE_RINGS, &now, 1);
	if (ret < 0)
		return ret;
	params->sq_entries = now.sq_entries;
	params->cq_entries = now.cq_entries;
	now.flags = ring->flags;
	now.features = ring->features;
	old_sq = ring->sq;
	old_cq = ring->cq;
	ret = uring_submission_queue_make(&ring->sq, ring->fd, &now);
	if (!ret)
		ret = uring_completion_queue_make(&ring->cq, ring->fd, &now, &ring->sq);
	uring_completion_queue_destroy(&old_cq);
	uring_submission_queue_destroy(&old_sq);
	if (ret) {
		uring_destroy(ring);
		return ret;
	}
	return ring->dontfork ? uring_dontfork(ring) : 0;
}

int uring_register_region(struct uring *ring, struct uring_mem_region_reg *reg)
{
	return uring_register(ring, URING_REGISTER_MEM_REGION, reg, 1);
}

int uring_register_wait_region(struct uring *ring, struct uring_reg_wait *waits, unsigned nr)
{
	struct uring_region_desc desc = {
		.user_addr = (uintptr_t)waits,
		.size = nr * sizeof(*waits),
		.flags = URING_MEM_REGION_TYPE_USER,
	};
	struct uring_mem_region_reg reg = {
		.region_uptr = (uintptr_t)&desc,
		.flags = URING_MEM_REGION_REG_WAIT_ARG,
	};

	return uring_register_region(ring, &reg);
}

int uring_register_sync_cancel(struct uring *ring, struct uring_sync_cancel_reg *reg)
{
	return uring_register(ring, URING_REGISTER_SYNC_CANCEL, reg, 1);
}

int uring_register_sync_msg(const struct uring_sqe *sqe)
{
	return uring_sys_register(-1, URING_REGISTER_SEND_MSG_RING, sqe, 1);
}

int uring_register_probe(struct uring *ring, struct uring_probe *probe, unsigned nr)
{
	return uring_register(ring, URING_REGISTER_PROBE, probe, nr);
}

int uring_register_query(struct uring *ring, struct uring_query_hdr *hdr)
{
	if (!ring)
		return uring_sys_register(-1, URING_REGISTER_QUERY, hdr, 0);
	return uring_register(ring, URING_REGISTER_QUERY, hdr, 0);
}

int uring_register_ifq(struct uring *ring, struct uring_zcrx_ifq_reg *reg)
{
	return uring_register(ring, URING_REGISTER_ZCRX_IFQ, reg, 1);
}

int uring_register_zcrx_ctrl(struct uring *ring, struct uring_zcrx_ctrl *ctrl)
{
	return uring_register(ring, URING_REGISTER_ZCRX_CTRL, ctrl, 0);
}

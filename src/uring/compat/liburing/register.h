/* SPDX-License-Identifier: MIT */
/* Part of <liburing.h>: registrations. */
#ifndef RINGSHIM_LIBURING_REGISTER_H
#define RINGSHIM_LIBURING_REGISTER_H

#ifdef __cplusplus
extern "C" {
#endif

/* ---- buffers ---- */

IOURINGINLINE int io_uring_register_buffers(struct io_uring *ring, const struct iovec *iovecs,
					    unsigned nr_iovecs) LIBURING_NOEXCEPT
{
	return uring_register_buffers(&ring->uring, iovecs, nr_iovecs);
}

IOURINGINLINE int io_uring_register_buffers_tags(struct io_uring *ring, const struct iovec *iovecs,
						 const __u64 *tags, unsigned nr) LIBURING_NOEXCEPT
{
	return uring_register_buffers_tags(&ring->uring, iovecs, (const uint64_t *)tags, nr);
}

IOURINGINLINE int io_uring_register_buffers_sparse(struct io_uring *ring,
						   unsigned nr) LIBURING_NOEXCEPT
{
	return uring_register_buffers_sparse(&ring->uring, nr);
}

IOURINGINLINE int io_uring_register_buffers_update_tag(struct io_uring *ring, unsigned off,
						       const struct iovec *iovecs,
						       const __u64 *tags,
						       unsigned nr) LIBURING_NOEXCEPT
{
	return uring_register_buffers_update(&ring->uring, off, iovecs, (const uint64_t *)tags, nr);
}

IOURINGINLINE int io_uring_unregister_buffers(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_unregister_buffers(&ring->uring);
}

IOURINGINLINE int __io_uring_clone_buffers_offset(struct io_uring *dst, struct io_uring *src,
						  unsigned int dst_off, unsigned int src_off,
						  unsigned int nr,
						  unsigned int flags) LIBURING_NOEXCEPT
{
	/* src itself knows if the kernel finds it by descriptor or by registered index. */
	return uring_clone_buffers_offset(&dst->uring, &src->uring, dst_off, src_off, nr,
					  flags & ~(unsigned)URING_REGISTER_SRC_REGISTERED);
}

IOURINGINLINE int io_uring_clone_buffers_offset(struct io_uring *dst, struct io_uring *src,
						unsigned int dst_off, unsigned int src_off,
						unsigned int nr,
						unsigned int flags) LIBURING_NOEXCEPT
{
	return __io_uring_clone_buffers_offset(dst, src, dst_off, src_off, nr, flags);
}

IOURINGINLINE int __io_uring_clone_buffers(struct io_uring *dst, struct io_uring *src,
					   unsigned int flags) LIBURING_NOEXCEPT
{
	return __io_uring_clone_buffers_offset(dst, src, 0, 0, 0, flags);
}

IOURINGINLINE int io_uring_clone_buffers(struct io_uring *dst,
					 struct io_uring *src) LIBURING_NOEXCEPT
{
	return uring_clone_buffers(&dst->uring, &src->uring);
}

/* ---- files ---- */

/*
 * Raises RLIMIT_NOFILE for nr files, up to the hard limit, if error is -EMFILE. liburing
 * does the same. Returns true if the limit was raised.
 */
_LOCAL_INLINE bool uring_compat_raise_files(int error, unsigned nr) LIBURING_NOEXCEPT
{
	struct rlimit limit;

	if (error != -EMFILE || getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= nr)
		return false;
	limit.rlim_cur = limit.rlim_max < nr ? limit.rlim_max : nr;
	return !setrlimit(RLIMIT_NOFILE, &limit);
}

IOURINGINLINE int io_uring_register_files(struct io_uring *ring, const int *files,
					  unsigned nr_files) LIBURING_NOEXCEPT
{
	int ret = uring_register_files(&ring->uring, files, nr_files);

	if (uring_compat_raise_files(ret, nr_files))
		ret = uring_register_files(&ring->uring, files, nr_files);
	return ret;
}

IOURINGINLINE int io_uring_register_files_tags(struct io_uring *ring, const int *files,
					       const __u64 *tags, unsigned nr) LIBURING_NOEXCEPT
{
	int ret = uring_register_files_tags(&ring->uring, files, (const uint64_t *)tags, nr);

	if (uring_compat_raise_files(ret, nr))
		ret = uring_register_files_tags(&ring->uring, files, (const uint64_t *)tags, nr);
	return ret;
}

IOURINGINLINE int io_uring_register_files_sparse(struct io_uring *ring,
						 unsigned nr) LIBURING_NOEXCEPT
{
	int ret = uring_register_files_sparse(&ring->uring, nr);

	if (uring_compat_raise_files(ret, nr))
		ret = uring_register_files_sparse(&ring->uring, nr);
	return ret;
}

IOURINGINLINE int io_uring_register_files_update_tag(struct io_uring *ring, unsigned off,
						     const int *files, const __u64 *tags,
						     unsigned nr_files) LIBURING_NOEXCEPT
{
	return uring_register_files_update_tags(&ring->uring, off, files, (const uint64_t *)tags,
						nr_files);
}

IOURINGINLINE int io_uring_register_files_update(struct io_uring *ring, unsigned off,
						 const int *files,
						 unsigned nr_files) LIBURING_NOEXCEPT
{
	return uring_register_files_update(&ring->uring, off, files, nr_files);
}

IOURINGINLINE int io_uring_unregister_files(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_unregister_files(&ring->uring);
}

IOURINGINLINE int io_uring_register_file_alloc_range(struct io_uring *ring, unsigned off,
						     unsigned len) LIBURING_NOEXCEPT
{
	return uring_register_file_alloc_range(&ring->uring, off, len);
}

/* ---- eventfd, busy polling, clock ---- */

IOURINGINLINE int io_uring_register_eventfd(struct io_uring *ring, int fd) LIBURING_NOEXCEPT
{
	return uring_register_eventfd(&ring->uring, fd);
}

IOURINGINLINE int io_uring_register_eventfd_async(struct io_uring *ring, int fd) LIBURING_NOEXCEPT
{
	return uring_register_eventfd_async(&ring->uring, fd);
}

IOURINGINLINE int io_uring_unregister_eventfd(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_unregister_eventfd(&ring->uring);
}

IOURINGINLINE int io_uring_register_napi(struct io_uring *ring,
					 struct io_uring_napi *napi) LIBURING_NOEXCEPT
{
	return uring_register_napi(&ring->uring, (struct uring_napi *)napi);
}

IOURINGINLINE int io_uring_unregister_napi(struct io_uring *ring,
					   struct io_uring_napi *napi) LIBURING_NOEXCEPT
{
	return uring_unregister_napi(&ring->uring, (struct uring_napi *)napi);
}

IOURINGINLINE int io_uring_register_clock(struct io_uring *ring,
					  struct io_uring_clock_register *arg) LIBURING_NOEXCEPT
{
	return uring_register(&ring->uring, URING_REGISTER_CLOCK, arg, 0);
}

/* ---- credentials, restrictions ---- */

IOURINGINLINE int io_uring_register_personality(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_register_personality(&ring->uring);
}

IOURINGINLINE int io_uring_unregister_personality(struct io_uring *ring, int id) LIBURING_NOEXCEPT
{
	return uring_unregister_personality(&ring->uring, id);
}

IOURINGINLINE int io_uring_register_restrictions(struct io_uring *ring,
						 struct io_uring_restriction *res,
						 unsigned int nr_res) LIBURING_NOEXCEPT
{
	return uring_register_restrictions(&ring->uring, (struct uring_restriction *)res, nr_res);
}

IOURINGINLINE int io_uring_register_bpf_filter(struct io_uring *ring,
					       struct io_uring_bpf *bpf) LIBURING_NOEXCEPT
{
	return uring_register_bpf_filter(&ring->uring, (struct uring_bpf *)bpf);
}

IOURINGINLINE int io_uring_register_bpf_filter_task(struct io_uring_bpf *bpf) LIBURING_NOEXCEPT
{
	return uring_register_bpf_filter(NULL, (struct uring_bpf *)bpf);
}

/* ---- io-wq workers ---- */

#ifdef _GNU_SOURCE
IOURINGINLINE int io_uring_register_iowq_aff(struct io_uring *ring, size_t cpusz,
					     const cpu_set_t *mask) LIBURING_NOEXCEPT
{
	return uring_register_iowq_aff(&ring->uring, cpusz, mask);
}
#endif

IOURINGINLINE int io_uring_unregister_iowq_aff(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_unregister_iowq_aff(&ring->uring);
}

IOURINGINLINE int io_uring_register_iowq_max_workers(struct io_uring *ring,
						     unsigned int *values) LIBURING_NOEXCEPT
{
	return uring_register_iowq_max_workers(&ring->uring, values);
}

/* ---- the ring itself ---- */

IOURINGINLINE int io_uring_register_ring_fd(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_register_ring_fd(&ring->uring);
}

IOURINGINLINE int io_uring_unregister_ring_fd(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_unregister_ring_fd(&ring->uring);
}

/* Only for a registered ring, on a kernel that takes registrations without a descriptor. */
IOURINGINLINE int io_uring_close_ring_fd(struct io_uring *ring) LIBURING_NOEXCEPT
{
	if (!(ring->features & URING_FEAT_REG_REG_RING))
		return -EOPNOTSUPP;
	if (!(ring->uring.enter_flags & URING_ENTER_REGISTERED_RING))
		return -EINVAL;
	return uring_close_ring_fd(&ring->uring);
}

IOURINGINLINE int io_uring_register_region(struct io_uring *ring,
					   struct io_uring_mem_region_reg *reg) LIBURING_NOEXCEPT
{
	return uring_register_region(&ring->uring, (struct uring_mem_region_reg *)reg);
}

IOURINGINLINE int io_uring_register_wait_reg(struct io_uring *ring, struct io_uring_reg_wait *reg,
					     int nr) LIBURING_NOEXCEPT
{
	return uring_register_wait_region(&ring->uring, (struct uring_reg_wait *)reg, (unsigned)nr);
}

/* ---- operations without an entry ---- */

IOURINGINLINE int io_uring_register_sync_cancel(
	struct io_uring *ring, struct io_uring_sync_cancel_reg *reg) LIBURING_NOEXCEPT
{
	return uring_register_sync_cancel(&ring->uring, (struct uring_sync_cancel_reg *)reg);
}

IOURINGINLINE int io_uring_register_sync_msg(struct io_uring_sqe *sqe) LIBURING_NOEXCEPT
{
	return uring_register_sync_msg((struct uring_sqe *)sqe);
}

/* ---- probing ---- */

IOURINGINLINE int io_uring_register_probe(struct io_uring *ring, struct io_uring_probe *p,
					  unsigned nr) LIBURING_NOEXCEPT
{
	return uring_register_probe(&ring->uring, (struct uring_probe *)p, nr);
}

IOURINGINLINE int io_uring_register_query(struct io_uring_query_hdr *query) LIBURING_NOEXCEPT
{
	return uring_register_query(NULL, (struct uring_query_hdr *)query);
}

/* ---- zero-copy receive ---- */

IOURINGINLINE int io_uring_register_ifq(struct io_uring *ring,
					struct io_uring_zcrx_ifq_reg *reg) LIBURING_NOEXCEPT
{
	return uring_register_ifq(&ring->uring, (struct uring_zcrx_ifq_reg *)reg);
}

IOURINGINLINE int io_uring_register_zcrx_ctrl(struct io_uring *ring,
					      struct zcrx_ctrl *ctrl) LIBURING_NOEXCEPT
{
	return uring_register_zcrx_ctrl(&ring->uring, (struct uring_zcrx_ctrl *)ctrl);
}

#ifdef __cplusplus
}
#endif

#endif

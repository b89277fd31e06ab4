/* SPDX-License-Identifier: MIT */
/*
 * Part of <liburing.h>: struct io_uring, the system calls, creating and destroying rings,
 * their sizes, and probing.
 */
#ifndef RINGSHIM_LIBURING_RING_H
#define RINGSHIM_LIBURING_RING_H

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif

/* The layouts of struct uring_sq and struct uring_cq, with liburing's names of the members. */
struct io_uring_sq {
	unsigned *khead;
	unsigned *ktail;
	unsigned *kring_mask;
	unsigned *kring_entries;
	unsigned *kflags;
	unsigned *kdropped;
	unsigned *array;
	struct io_uring_sqe *sqes;
	unsigned sqe_head;
	unsigned sqe_tail;
	size_t ring_sz;
	void *ring_ptr;
	unsigned ring_mask;
	unsigned ring_entries;
	unsigned sqes_sz;
	unsigned pad;
} __attribute__((__may_alias__));

struct io_uring_cq {
	unsigned *khead;
	unsigned *ktail;
	unsigned *kring_mask;
	unsigned *kring_entries;
	unsigned *kflags;
	unsigned *koverflow;
	struct io_uring_cqe *cqes;
	size_t ring_sz;
	void *ring_ptr;
	unsigned ring_mask;
	unsigned ring_entries;
	unsigned pad[2];
} __attribute__((__may_alias__));

/*
 * A struct uring with liburing's names of the members. Its member uring can be passed to
 * all functions of <ringshim/uring.h>.
 */
struct io_uring {
	__extension__ union {
		__extension__ struct {
			struct io_uring_sq sq;
			struct io_uring_cq cq;
			unsigned flags;
			int ring_fd;
			unsigned features;
			int enter_ring_fd;
			__u8 int_flags;
			__u8 pad[3];
			unsigned pad2;
		};
		struct uring uring;
	};
};

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* For programs that map the refill ring of a zero-copy receive queue. */
struct io_uring_zcrx_rq {
	__u32 *khead;
	__u32 *ktail;
	__u32 rq_tail;
	unsigned ring_entries;
	struct io_uring_zcrx_rqe *rqes;
	void *ring_ptr;
};

#ifdef __cplusplus
extern "C" {
#endif

/* Older versions of the kernel's header lack some of these. */
struct io_uring_bpf;
struct io_uring_buf_reg;
struct io_uring_buf_ring;
struct io_uring_clock_register;
struct io_uring_mem_region_reg;
struct io_uring_napi;
struct io_uring_params;
struct io_uring_probe;
struct io_uring_query_hdr;
struct io_uring_recvmsg_out;
struct io_uring_reg_wait;
struct io_uring_restriction;
struct io_uring_sync_cancel_reg;
struct io_uring_zcrx_ifq_reg;
struct zcrx_ctrl;

/* ---- the system calls ---- */

IOURINGINLINE int io_uring_setup(unsigned int entries, struct io_uring_params *p) LIBURING_NOEXCEPT
{
	return uring_sys_setup(entries, (struct uring_params *)p);
}

IOURINGINLINE int io_uring_enter2(unsigned int fd, unsigned int to_submit,
				  unsigned int min_complete, unsigned int flags, void *arg,
				  size_t sz) LIBURING_NOEXCEPT
{
	return uring_sys_enter((int)fd, to_submit, min_complete, flags, arg, sz);
}

IOURINGINLINE int io_uring_enter(unsigned int fd, unsigned int to_submit, unsigned int min_complete,
				 unsigned int flags, sigset_t *sig) LIBURING_NOEXCEPT
{
	return io_uring_enter2(fd, to_submit, min_complete, flags, sig, _NSIG / 8);
}

IOURINGINLINE int io_uring_register(unsigned int fd, unsigned int opcode, const void *arg,
				    unsigned int nr_args) LIBURING_NOEXCEPT
{
	return uring_sys_register((int)fd, opcode, arg, nr_args);
}

/* ---- rings ---- */

/*
 * Creates a ring without the index array if the kernel supports that, as liburing does
 * since 2.5. A program for an older liburing that fills ring->sq.array itself defines
 * LIBURING_SQ_ARRAY.
 */
_LOCAL_INLINE int uring_compat_init(struct io_uring *ring, struct uring_params *params,
				    unsigned entries, void *mem, size_t size) LIBURING_NOEXCEPT
{
#ifdef LIBURING_SQ_ARRAY
	return uring_init_mem(&ring->uring, params, entries, mem, size);
#else
	return uring_init_no_array(&ring->uring, params, entries, mem, size);
#endif
}

IOURINGINLINE int io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
					     struct io_uring_params *p) LIBURING_NOEXCEPT
{
	return uring_compat_init(ring, (struct uring_params *)p, entries, NULL, 0);
}

IOURINGINLINE int io_uring_queue_init(unsigned entries, struct io_uring *ring,
				      unsigned flags) LIBURING_NOEXCEPT
{
	struct uring_params params = uring_default_params();

	params.flags = flags;
	return uring_compat_init(ring, &params, entries, NULL, 0);
}

/* Returns the number of bytes used of buf. */
IOURINGINLINE int io_uring_queue_init_mem(unsigned entries, struct io_uring *ring,
					  struct io_uring_params *p, void *buf,
					  size_t buf_size) LIBURING_NOEXCEPT
{
	struct uring_params *params = (struct uring_params *)p;
	long used = uring_memory_size(params, entries);
	int ret;

	params->flags |= URING_SETUP_NO_MMAP;
	ret = uring_compat_init(ring, params, entries, buf, buf_size);
	return ret ? ret : (int)used;
}

IOURINGINLINE int io_uring_queue_mmap(int fd, struct io_uring_params *p,
				      struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_init_fd(&ring->uring, (struct uring_params *)p, fd);
}

IOURINGINLINE void io_uring_queue_exit(struct io_uring *ring) LIBURING_NOEXCEPT
{
	uring_destroy(&ring->uring);
}

IOURINGINLINE int io_uring_ring_dontfork(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_dontfork(&ring->uring);
}

IOURINGINLINE int io_uring_enable_rings(struct io_uring *ring) LIBURING_NOEXCEPT
{
	return uring_enable_rings(&ring->uring);
}

IOURINGINLINE int io_uring_resize_rings(struct io_uring *ring,
					struct io_uring_params *p) LIBURING_NOEXCEPT
{
	struct uring_params *params = (struct uring_params *)p;
	int ret = uring_resize_rings(&ring->uring, params);

	params->flags = 0;
	return ret;
}

IOURINGINLINE int io_uring_set_iowait(struct io_uring *ring, bool enable_iowait) LIBURING_NOEXCEPT
{
	return uring_set_iowait(&ring->uring, enable_iowait);
}

/* ---- sizes ---- */

IOURINGINLINE ssize_t io_uring_memory_size_params(unsigned entries,
						  struct io_uring_params *p) LIBURING_NOEXCEPT
{
	return uring_memory_size((struct uring_params *)p, entries);
}

IOURINGINLINE ssize_t io_uring_memory_size(unsigned entries, unsigned flags) LIBURING_NOEXCEPT
{
	struct uring_params params = uring_default_params();

	params.flags = flags;
	return uring_memory_size(&params, entries);
}

/*
 * liburing defines this as 0 since 5.12, although 6.14 and later count a ring as locked
 * memory again.
 */
IOURINGINLINE ssize_t io_uring_mlock_size_params(unsigned entries,
						 struct io_uring_params *p) LIBURING_NOEXCEPT
{
	ssize_t size = io_uring_memory_size_params(entries, p);
	struct uring_support support;

	if (size < 0)
		return size;
	uring_probe(&support);
	return support.features & URING_FEAT_NATIVE_WORKERS ? 0 : size;
}

IOURINGINLINE ssize_t io_uring_mlock_size(unsigned entries, unsigned flags) LIBURING_NOEXCEPT
{
	struct uring_params params = uring_default_params();

	params.flags = flags;
	return io_uring_mlock_size_params(entries, (struct io_uring_params *)&params);
}

/* ---- probing ---- */

IOURINGINLINE struct io_uring_probe *io_uring_get_probe_ring(struct io_uring *ring) LIBURING_NOEXCEPT
{
	const unsigned nr = 256;
	struct uring_probe *probe;

	probe = (struct uring_probe *)calloc(1,
					     sizeof(*probe) + nr * sizeof(struct uring_probe_op));
	if (probe && uring_register_probe(&ring->uring, probe, nr)) {
		free(probe);
		probe = NULL;
	}
	return (struct io_uring_probe *)probe;
}

IOURINGINLINE struct io_uring_probe *io_uring_get_probe(void) LIBURING_NOEXCEPT
{
	struct io_uring_probe *probe;
	struct io_uring ring;

	if (io_uring_queue_init(2, &ring, 0))
		return NULL;
	probe = io_uring_get_probe_ring(&ring);
	io_uring_queue_exit(&ring);
	return probe;
}

IOURINGINLINE void io_uring_free_probe(struct io_uring_probe *probe) LIBURING_NOEXCEPT
{
	free(probe);
}

IOURINGINLINE int io_uring_opcode_supported(const struct io_uring_probe *p,
					    int op) LIBURING_NOEXCEPT
{
	const struct uring_probe *probe = (const struct uring_probe *)p;

	if (op < 0 || op > probe->last_op)
		return 0;
	return (probe->ops[op].flags & URING_OP_SUPPORTED) != 0;
}

#ifdef __cplusplus
}
#endif

#endif

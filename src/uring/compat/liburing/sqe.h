/* SPDX-License-Identifier: MIT */
/* Part of <liburing.h>: the base of all io_uring_prep_X, and access to members of entries. */
#ifndef RINGSHIM_LIBURING_SQE_H
#define RINGSHIM_LIBURING_SQE_H

#ifdef __cplusplus
extern "C" {
#endif

_LOCAL_INLINE __u64 uring_ptr_to_u64(const void *ptr) LIBURING_NOEXCEPT
{
	return (uintptr_t)ptr;
}

IOURINGINLINE void io_uring_sqe_set_data(struct io_uring_sqe *sqe, void *data) LIBURING_NOEXCEPT
{
	sqe->user_data = (uintptr_t)data;
}

IOURINGINLINE void *io_uring_cqe_get_data(const struct io_uring_cqe *cqe) LIBURING_NOEXCEPT
{
	return (void *)(uintptr_t)cqe->user_data;
}

IOURINGINLINE void io_uring_sqe_set_data64(struct io_uring_sqe *sqe, __u64 data) LIBURING_NOEXCEPT
{
	sqe->user_data = data;
}

IOURINGINLINE __u64 io_uring_cqe_get_data64(const struct io_uring_cqe *cqe) LIBURING_NOEXCEPT
{
	return cqe->user_data;
}

IOURINGINLINE void io_uring_sqe_set_flags(struct io_uring_sqe *sqe,
					  unsigned flags) LIBURING_NOEXCEPT
{
	sqe->flags = (__u8)flags;
}

IOURINGINLINE void io_uring_sqe_set_buf_group(struct io_uring_sqe *sqe, int bgid) LIBURING_NOEXCEPT
{
	sqe->buf_group = (__u16)bgid;
}

_LOCAL_INLINE void __io_uring_set_target_fixed_file(struct io_uring_sqe *sqe,
						    unsigned int file_index) LIBURING_NOEXCEPT
{
	sqe->file_index = file_index + 1;
}

_LOCAL_INLINE unsigned __io_uring_prep_poll_mask(unsigned poll_mask) LIBURING_NOEXCEPT
{
	return uring_poll_mask(poll_mask);
}

/*
 * Copies to sqe what uring_prep_X put into filled. In liburing's interface an entry keeps
 * what the program set before and the operation does not use: the user data, the flags, and
 * the other members that are 0 in filled. (addr3 is copied by its offset: the kernel's
 * header can be too old to have it.)
 */
_LOCAL_INLINE void uring_compat_fill(struct io_uring_sqe *sqe,
				     const struct uring_sqe *filled) LIBURING_NOEXCEPT
{
	sqe->opcode = filled->opcode;
	sqe->flags |= filled->flags;
	sqe->ioprio |= filled->ioprio;
	sqe->fd = filled->fd;
	sqe->off = filled->off;
	sqe->addr = filled->addr;
	sqe->len = filled->len;
	if (filled->rw_flags)
		sqe->rw_flags = filled->rw_flags;
	if (filled->buf_index)
		sqe->buf_index = filled->buf_index;
	if (filled->file_index)
		sqe->file_index = filled->file_index;
	if (filled->addr3)
		__builtin_memcpy((char *)sqe + offsetof(struct uring_sqe, addr3), &filled->addr3,
				 sizeof(filled->addr3));
}

/* Clears the members that io_uring_prep_X leaves unchanged, except the user data. */
IOURINGINLINE void io_uring_initialize_sqe(struct io_uring_sqe *sqe) LIBURING_NOEXCEPT
{
	const size_t tail = offsetof(struct uring_sqe, buf_index);

	sqe->flags = 0;
	sqe->ioprio = 0;
	sqe->rw_flags = 0;
	__builtin_memset((char *)sqe + tail, 0, sizeof(*sqe) - tail);
}

IOURINGINLINE void io_uring_prep_rw(int op, struct io_uring_sqe *sqe, int fd, const void *addr,
				    unsigned len, __u64 offset) LIBURING_NOEXCEPT
{
	struct uring_sqe filled;

	uring_sqe_fill(&filled, (enum uring_op)op, fd, addr, len, offset);
	uring_compat_fill(sqe, &filled);
}

IOURINGINLINE void __io_uring_prep_uring_cmd(struct io_uring_sqe *sqe, int op, __u32 cmd_op,
					     int fd) LIBURING_NOEXCEPT
{
	struct uring_sqe filled;

	uring_prep_uring_cmd(&filled, fd, cmd_op);
	filled.opcode = (uint8_t)op;
	uring_compat_fill(sqe, &filled);
}

/* For an entry of io_uring_prep_send or io_uring_prep_send_zc. */
IOURINGINLINE void io_uring_prep_send_set_addr(struct io_uring_sqe *sqe,
					       const struct sockaddr *dest_addr,
					       __u16 addr_len) LIBURING_NOEXCEPT
{
	sqe->addr2 = (uintptr_t)dest_addr;
	sqe->addr_len = addr_len;
}

#ifdef __cplusplus
}
#endif

#endif

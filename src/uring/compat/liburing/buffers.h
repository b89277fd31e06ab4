/* SPDX-License-Identifier: MIT */
/*
 * Part of <liburing.h>: rings of provided buffers, and reading what a multishot recvmsg
 * puts into them.
 */
#ifndef RINGSHIM_LIBURING_BUFFERS_H
#define RINGSHIM_LIBURING_BUFFERS_H

#ifdef __cplusplus
extern "C" {
#endif

/* ---- rings of buffers ---- */

/* The kernel reads the flags from reg, so flags are added there. */
IOURINGINLINE int io_uring_register_buf_ring(struct io_uring *ring, struct io_uring_buf_reg *reg,
					     unsigned int flags) LIBURING_NOEXCEPT
{
	struct uring_buf_reg *buf_reg = (struct uring_buf_reg *)reg;

	buf_reg->flags |= (uint16_t)flags;
	return uring_register_buf_ring(&ring->uring, buf_reg);
}

IOURINGINLINE int io_uring_unregister_buf_ring(struct io_uring *ring, int bgid) LIBURING_NOEXCEPT
{
	return uring_unregister_buf_ring(&ring->uring, (unsigned)bgid);
}

IOURINGINLINE int io_uring_buf_ring_head(struct io_uring *ring, int buf_group,
					 uint16_t *head) LIBURING_NOEXCEPT
{
	return uring_buf_ring_head(&ring->uring, (unsigned)buf_group, head);
}

IOURINGINLINE struct io_uring_buf_ring *io_uring_setup_buf_ring(struct io_uring *ring,
								unsigned int nentries, int bgid,
								unsigned int flags,
								int *err) LIBURING_NOEXCEPT
{
	struct uring_buf_ring *br = NULL;

	*err = uring_setup_buf_ring(&ring->uring, &br, nentries, (unsigned)bgid, flags);
	return (struct io_uring_buf_ring *)br;
}

IOURINGINLINE int io_uring_free_buf_ring(struct io_uring *ring, struct io_uring_buf_ring *br,
					 unsigned int nentries, int bgid) LIBURING_NOEXCEPT
{
	return uring_free_buf_ring(&ring->uring, (struct uring_buf_ring *)br, nentries,
				   (unsigned)bgid);
}

IOURINGINLINE int io_uring_buf_ring_mask(__u32 ring_entries) LIBURING_NOEXCEPT
{
	return uring_buf_ring_mask(ring_entries);
}

IOURINGINLINE void io_uring_buf_ring_init(struct io_uring_buf_ring *br) LIBURING_NOEXCEPT
{
	uring_buf_ring_init((struct uring_buf_ring *)br);
}

IOURINGINLINE void io_uring_buf_ring_add(struct io_uring_buf_ring *br, void *addr, unsigned int len,
					 unsigned short bid, int mask,
					 int buf_offset) LIBURING_NOEXCEPT
{
	uring_buf_ring_add((struct uring_buf_ring *)br, addr, len, bid, mask, buf_offset);
}

IOURINGINLINE void io_uring_buf_ring_advance(struct io_uring_buf_ring *br,
					     int count) LIBURING_NOEXCEPT
{
	uring_buf_ring_advance((struct uring_buf_ring *)br, count);
}

IOURINGINLINE void __io_uring_buf_ring_cq_advance(struct io_uring *ring,
						  struct io_uring_buf_ring *br, int cq_count,
						  int buf_count) LIBURING_NOEXCEPT
{
	io_uring_buf_ring_advance(br, buf_count);
	io_uring_cq_advance(ring, (unsigned)cq_count);
}

IOURINGINLINE void io_uring_buf_ring_cq_advance(struct io_uring *ring, struct io_uring_buf_ring *br,
						int count) LIBURING_NOEXCEPT
{
	__io_uring_buf_ring_cq_advance(ring, br, count, count);
}

IOURINGINLINE int io_uring_buf_ring_available(struct io_uring *ring, struct io_uring_buf_ring *br,
					      unsigned short bgid) LIBURING_NOEXCEPT
{
	return uring_buf_ring_available(&ring->uring, (struct uring_buf_ring *)br, bgid);
}

/* ---- multishot recvmsg ---- */

IOURINGINLINE struct io_uring_recvmsg_out *io_uring_recvmsg_validate(
	void *buf, int buf_len, struct msghdr *msgh) LIBURING_NOEXCEPT
{
	return (struct io_uring_recvmsg_out *)uring_recvmsg_validate(buf, buf_len, msgh);
}

IOURINGINLINE void *io_uring_recvmsg_name(struct io_uring_recvmsg_out *o) LIBURING_NOEXCEPT
{
	return uring_recvmsg_name((struct uring_recvmsg_out *)o);
}

IOURINGINLINE struct cmsghdr *io_uring_recvmsg_cmsg_firsthdr(struct io_uring_recvmsg_out *o,
							     struct msghdr *msgh) LIBURING_NOEXCEPT
{
	return uring_recvmsg_cmsg_firsthdr((struct uring_recvmsg_out *)o, msgh);
}

IOURINGINLINE struct cmsghdr *io_uring_recvmsg_cmsg_nexthdr(struct io_uring_recvmsg_out *o,
							    struct msghdr *msgh,
							    struct cmsghdr *cmsg) LIBURING_NOEXCEPT
{
	return uring_recvmsg_cmsg_nexthdr((struct uring_recvmsg_out *)o, msgh, cmsg);
}

IOURINGINLINE void *io_uring_recvmsg_payload(struct io_uring_recvmsg_out *o,
					     struct msghdr *msgh) LIBURING_NOEXCEPT
{
	return uring_recvmsg_payload((struct uring_recvmsg_out *)o, msgh);
}

IOURINGINLINE unsigned int io_uring_recvmsg_payload_length(struct io_uring_recvmsg_out *o,
							   int buf_len,
							   struct msghdr *msgh) LIBURING_NOEXCEPT
{
	return uring_recvmsg_payload_length((struct uring_recvmsg_out *)o, buf_len, msgh);
}

#ifdef __cplusplus
}
#endif

#endif

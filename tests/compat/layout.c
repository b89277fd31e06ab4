/* SPDX-License-Identifier: MIT */
/* Checks that struct io_uring and struct uring have the same layout, member by member. */
#include <liburing.h>

#define same(type, member, wrapper, of) \
	_Static_assert(offsetof(struct type, member) == offsetof(struct wrapper, of) && \
		       sizeof(((struct type *)0)->member) == sizeof(((struct wrapper *)0)->of), \
		       #type "." #member)

same(io_uring_sq, khead, uring_sq, head);
same(io_uring_sq, ktail, uring_sq, tail);
same(io_uring_sq, kflags, uring_sq, flags);
same(io_uring_sq, kdropped, uring_sq, dropped);
same(io_uring_sq, array, uring_sq, array);
same(io_uring_sq, sqes, uring_sq, sqes);
same(io_uring_sq, ring_mask, uring_sq, mask);
same(io_uring_sq, ring_entries, uring_sq, entries);
same(io_uring_sq, sqe_head, uring_sq, sqe_head);
same(io_uring_sq, sqe_tail, uring_sq, sqe_tail);
same(io_uring_sq, ring_ptr, uring_sq, map);
same(io_uring_sq, ring_sz, uring_sq, map_size);
same(io_uring_sq, sqes_sz, uring_sq, map_sqes_size);
same(io_uring_sq, kring_mask, uring_sq, ring_mask);
same(io_uring_sq, kring_entries, uring_sq, ring_entries);
_Static_assert(sizeof(struct io_uring_sq) == sizeof(struct uring_sq), "io_uring_sq");

same(io_uring_cq, khead, uring_cq, head);
same(io_uring_cq, ktail, uring_cq, tail);
same(io_uring_cq, kflags, uring_cq, flags);
same(io_uring_cq, koverflow, uring_cq, overflow);
same(io_uring_cq, cqes, uring_cq, cqes);
same(io_uring_cq, ring_mask, uring_cq, mask);
same(io_uring_cq, ring_entries, uring_cq, entries);
same(io_uring_cq, ring_ptr, uring_cq, map);
same(io_uring_cq, ring_sz, uring_cq, map_size);
same(io_uring_cq, kring_mask, uring_cq, ring_mask);
same(io_uring_cq, kring_entries, uring_cq, ring_entries);
_Static_assert(sizeof(struct io_uring_cq) == sizeof(struct uring_cq), "io_uring_cq");

same(io_uring, sq, uring, sq);
same(io_uring, cq, uring, cq);
same(io_uring, ring_fd, uring, fd);
same(io_uring, enter_ring_fd, uring, enter_fd);
same(io_uring, int_flags, uring, enter_flags);
same(io_uring, flags, uring, flags);
same(io_uring, features, uring, features);
_Static_assert(sizeof(struct io_uring) == sizeof(struct uring), "io_uring");

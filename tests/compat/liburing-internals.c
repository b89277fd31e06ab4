/* SPDX-License-Identifier: MIT */
/*
 * Our versions of the internal functions that liburing's own tests use. Weak, because from 2.15 on
 * the tests bring some of them along.
 */
#include <liburing.h>

#define weak __attribute__((weak))

weak int __io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
				      struct io_uring_params *p, void *buf, size_t buf_size);
weak void io_uring_unmap_rings(struct io_uring_sq *sq, struct io_uring_cq *cq);
weak unsigned __io_uring_flush_sq(struct io_uring *ring);

/* In liburing this one does not try to do without an index array. */
int __io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
				 struct io_uring_params *p, void *buf, size_t buf_size)
{
	return uring_init_mem(&ring->uring, (struct uring_params *)p, entries, buf, buf_size);
}

void io_uring_unmap_rings(struct io_uring_sq *sq, struct io_uring_cq *cq)
{
	uring_completion_queue_destroy((struct uring_cq *)cq);
	uring_submission_queue_destroy((struct uring_sq *)sq);
}

unsigned __io_uring_flush_sq(struct io_uring *ring)
{
	return uring_flush_sq(&ring->uring);
}

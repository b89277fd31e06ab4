/* SPDX-License-Identifier: MIT */
/*
 * Uses one of each kind of thing in <liburing.h>; compiled by every compiler, in every dialect and
 * order of headers.
 */
#ifdef HEADER_BEFORE
#include HEADER_BEFORE
#endif
#include <liburing.h>
#include <string.h>
#ifdef HEADER_AFTER
#include HEADER_AFTER
#endif

/* Fields written through the kernel's structures are seen before and after a preparation. */
static int fill(struct io_uring *ring, char *buf, int *expect)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	if (!sqe)
		return -EAGAIN;
	sqe->user_data = 1;
	io_uring_prep_read(sqe, -1, buf, 4, 0);
	sqe->fd = *expect;
	sqe->len = 3;
	sqe->flags |= IOSQE_ASYNC;
	io_uring_sqe_set_data64(sqe, sqe->user_data + 41);
	return sqe->opcode == IORING_OP_READ && sqe->addr == (__u64)(unsigned long)buf &&
	       sqe->len == 3 && sqe->fd == *expect && sqe->user_data == 42 ? 0 : -EBADMSG;
}

int main(void)
{
	struct io_uring_params params;
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	unsigned place, seen = 0;
	char buf[4];
	int fd, ret;

	memset(&params, 0, sizeof(params));
	fd = open("/dev/zero", O_RDONLY);
	ret = io_uring_queue_init_params(4, &ring, &params);
	if (ret)
		return 1;
	ret = fill(&ring, buf, &fd);
	if (ret || io_uring_submit_and_wait(&ring, 1) != 1)
		return 2;
	io_uring_for_each_cqe(&ring, place, cqe)
		seen += cqe->res == 3 && cqe->user_data == 42;
	io_uring_cq_advance(&ring, seen);
	io_uring_queue_exit(&ring);
	return seen == 1 && params.features & IORING_FEAT_NODROP ? 0 : 3;
}

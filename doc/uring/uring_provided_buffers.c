/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringshim/uring.h>

enum { BUFFERS = 4, SIZE = 64, GROUP = 1 };

static char memory[BUFFERS][SIZE];

int main(void)
{
	int mask = uring_buf_ring_mask(BUFFERS);
	struct uring_buf_ring *br;
	struct uring_sqe *sqe;
	struct uring_cqe cqe;
	struct uring ring;
	int ends[2], id;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	ret = uring_setup_buf_ring(&ring, &br, BUFFERS, GROUP, 0);
	if (ret)
		errx(1, "%s", strerror(-ret));
	for (int i = 0; i < BUFFERS; i++)
		uring_buf_ring_add(br, memory[i], SIZE, (uint16_t)i, mask, i);
	uring_buf_ring_advance(br, BUFFERS);
	if (pipe(ends) || write(ends[1], "hello", 5) != 5)
		err(1, "pipe");

	sqe = uring_read(&ring, 1, ends[0], NULL, SIZE, URING_CUR_POS);
	uring_select_buffer(sqe, GROUP);
	uring_submit(&ring, 1, NULL);
	ret = uring_copy_cqes(&ring, &cqe, 1, 1, NULL);
	id = ret == 1 ? uring_cqe_buffer(&cqe) : -1;
	if (id < 0)
		errx(1, "no buffer");
	printf("%d bytes in buffer %d: %.*s\n", cqe.res, id, cqe.res,
	       memory[id]);
	uring_buf_ring_add(br, memory[id], SIZE, (uint16_t)id, mask, 0);
	uring_buf_ring_advance(br, 1);

	uring_free_buf_ring(&ring, br, BUFFERS, GROUP);
	uring_destroy(&ring);
	return 0;
}

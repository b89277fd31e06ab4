/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include <ringshim/uring.h>

int main(void)
{
	struct uring_cqe cqe;
	struct uring ring;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	ret = uring_close_ring_fd(&ring);
	printf("close: %d, descriptor %d\n", ret, ring.fd);

	uring_nop(&ring, 1);
	uring_submit(&ring, 1, NULL);
	if (uring_copy_cqes(&ring, &cqe, 1, 1, NULL) == 1)
		printf("nop: %d\n", cqe.res);
	uring_destroy(&ring);
	return 0;
}

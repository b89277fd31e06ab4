/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>

#include <ringshim/uring.h>

int main(void)
{
	struct uring_cqe cqes[2], *cqe;
	struct uring ring;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	for (unsigned i = 1; i <= 3; i++)
		uring_nop(&ring, i);
	uring_submit(&ring, 3, NULL);

	ret = uring_copy_cqes(&ring, cqes, 2, 2, NULL);
	for (int i = 0; i < ret; i++)
		printf("%llu: %d\n", (unsigned long long)cqes[i].user_data,
		       cqes[i].res);
	uring_wait(&ring, 1, 0, NULL);
	cqe = uring_peek_cqe(&ring);
	if (cqe)
		printf("%llu: %d, in place\n",
		       (unsigned long long)cqe->user_data, cqe->res);
	uring_cqe_seen(&ring);
	printf("%u left\n", uring_cq_ready(&ring));
	uring_destroy(&ring);
	return 0;
}

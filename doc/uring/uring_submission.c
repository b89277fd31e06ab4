/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>

#include <ringshim/uring.h>

int main(void)
{
	struct uring ring;
	int ret = uring_init(&ring, NULL, 2);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	for (unsigned i = 1; i <= 3; i++) {
		if (uring_nop(&ring, i))
			continue;
		ret = uring_submit(&ring, 0, NULL);
		printf("the queue is full: %d submitted\n", ret);
		uring_nop(&ring, i);
	}
	ret = uring_submit(&ring, 3, NULL);
	printf("%d more submitted, %u completions\n", ret,
	       uring_cq_ready(&ring));
	uring_destroy(&ring);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringshim/uring.h>

/* Submits, and stores the results of two operations by user data. */
static void finish_two(struct uring *ring, int *res)
{
	struct uring_cqe cqes[2];

	for (unsigned done = 0; done < 2;) {
		int ret = uring_submit(ring, 1, NULL);

		if (ret >= 0)
			ret = uring_copy_cqes(ring, cqes, 2, 1, NULL);
		if (ret < 0)
			errx(1, "%s", strerror(-ret));
		for (int i = 0; i < ret; i++, done++)
			res[cqes[i].user_data] = cqes[i].res;
	}
}

int main(void)
{
	struct uring_timespec soon = { .tv_nsec = 10000000 };
	struct uring_sqe *sqe;
	struct uring ring;
	int res[2], ends[2];
	char buf[8];
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	if (pipe(ends))
		err(1, "pipe");

	sqe = uring_read(&ring, 0, ends[0], buf, sizeof(buf), URING_CUR_POS);
	sqe->flags |= URING_SQE_IO_LINK;
	uring_link_timeout(&ring, 1, &soon, 0);
	finish_two(&ring, res);
	printf("read: %s\n", strerror(-res[0]));
	printf("timeout: %s\n", strerror(-res[1]));

	uring_read(&ring, 0, ends[0], buf, sizeof(buf), URING_CUR_POS);
	uring_submit(&ring, 0, NULL);
	uring_async_cancel(&ring, 1, 0, 0);
	finish_two(&ring, res);
	printf("cancel: %d\n", res[1]);
	printf("read: %s\n", strerror(-res[0]));
	uring_destroy(&ring);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringshim/uring.h>

/* Submits, waits for a completion and returns its result. */
static int finish(struct uring *ring)
{
	struct uring_cqe cqe;
	int ret = uring_submit(ring, 1, NULL);

	if (ret >= 0)
		ret = uring_copy_cqes(ring, &cqe, 1, 1, NULL);
	if (ret < 0)
		errx(1, "%s", strerror(-ret));
	return cqe.res;
}

int main(void)
{
	struct uring ring;
	char buf[8];
	int ends[2];
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	if (pipe(ends))
		err(1, "pipe");
	ret = uring_register_files(&ring, ends, 2);
	if (ret)
		errx(1, "%s", strerror(-ret));
	close(ends[0]);
	close(ends[1]);

	uring_fixed_file(uring_write(&ring, 1, -1, "hello", 5, URING_CUR_POS),
			 1);
	printf("write: %d\n", finish(&ring));
	uring_fixed_file(uring_read(&ring, 2, -1, buf, sizeof(buf),
				    URING_CUR_POS), 0);
	ret = finish(&ring);
	printf("read: %d (%.*s)\n", ret, ret, buf);
	uring_destroy(&ring);
	return 0;
}

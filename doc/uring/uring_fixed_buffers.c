/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
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

static char memory[4096] __attribute__((aligned(4096))) = "hello";

int main(void)
{
	struct iovec iov = { memory, sizeof(memory) };
	struct uring ring;
	char *to = memory + 1024;
	int ends[2];
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	ret = uring_register_buffers(&ring, &iov, 1);
	if (ret)
		errx(1, "%s", strerror(-ret));
	if (pipe(ends))
		err(1, "pipe");

	uring_write_fixed(&ring, 1, ends[1], memory, 5, URING_CUR_POS, 0);
	printf("write: %d\n", finish(&ring));
	uring_read_fixed(&ring, 2, ends[0], to, 16, URING_CUR_POS, 0);
	ret = finish(&ring);
	printf("read: %d (%.*s)\n", ret, ret, to);
	uring_read_fixed(&ring, 3, ends[0], memory + 4000, 1000,
			 URING_CUR_POS, 0);
	printf("outside: %s\n", strerror(-finish(&ring)));
	uring_destroy(&ring);
	return 0;
}

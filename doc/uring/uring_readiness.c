/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringshim/uring.h>

/* Waits for a completion and returns it. */
static struct uring_cqe next(struct uring *ring)
{
	struct uring_cqe cqe;
	int ret = uring_submit(ring, 1, NULL);

	if (ret >= 0)
		ret = uring_copy_cqes(ring, &cqe, 1, 1, NULL);
	if (ret < 0)
		errx(1, "%s", strerror(-ret));
	return cqe;
}

static void make_readable(const int *ends)
{
	if (write(ends[1], "x", 1) != 1)
		err(1, "write");
}

static void show(const char *what, struct uring_cqe cqe)
{
	printf("%s: %s\n", what, cqe.res & POLLIN ? "POLLIN" : "else");
}

int main(void)
{
	struct uring_cqe cqe;
	struct uring ring;
	int ends[2];
	char byte;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	if (pipe(ends))
		err(1, "pipe");

	uring_poll_add(&ring, 1, ends[0], POLLIN, URING_POLL_ADD_MULTI);
	uring_submit(&ring, 0, NULL);
	make_readable(ends);
	show("first", next(&ring));
	if (read(ends[0], &byte, 1) != 1)
		err(1, "read");
	make_readable(ends);
	show("second", next(&ring));

	/* Two completions: of the removal and of the poll. */
	uring_poll_remove(&ring, 2, 1);
	for (int i = 0; i < 2; i++) {
		cqe = next(&ring);
		if (cqe.user_data == 2)
			ret = cqe.res;
		else
			byte = cqe.res == -ECANCELED;
	}
	printf("remove: %d\n", ret);
	printf("poll: %s\n", byte ? strerror(ECANCELED) : "else");
	uring_destroy(&ring);
	return 0;
}

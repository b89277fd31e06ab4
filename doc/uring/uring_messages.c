/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringshim/uring.h>

static void make(struct uring *ring)
{
	int ret = uring_init(ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
}

static struct uring_cqe next(struct uring *ring)
{
	struct uring_cqe cqe;
	int ret = uring_copy_cqes(ring, &cqe, 1, 1, NULL);

	if (ret < 0)
		errx(1, "%s", strerror(-ret));
	return cqe;
}

int main(void)
{
	struct uring_sync_cancel_reg which = {
		.addr = 9,
		.timeout = { -1, -1 }, /* as long as it takes */
	};
	struct uring here, there;
	struct uring_cqe cqe;
	int ends[2];
	char byte;

	make(&here);
	make(&there);
	uring_msg_ring(&here, 1, there.fd, 42, 7, 0);
	uring_submit(&here, 1, NULL);
	cqe = next(&there);
	printf("message %llu: %d\n", (unsigned long long)cqe.user_data,
	       cqe.res);

	if (pipe(ends))
		err(1, "pipe");
	uring_read(&there, 9, ends[0], &byte, 1, URING_CUR_POS);
	uring_submit(&there, 0, NULL);
	printf("cancel: %d\n", uring_register_sync_cancel(&there, &which));
	printf("read: %s\n", strerror(-next(&there).res));
	uring_destroy(&there);
	uring_destroy(&here);
	return 0;
}

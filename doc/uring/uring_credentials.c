/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>

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
	struct uring_restriction only = {
		.opcode = URING_RESTRICTION_SQE_OP,
		.sqe_op = URING_OP_NOP,
	};
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring ring;
	char byte;
	int ret;

	params.flags = URING_SETUP_R_DISABLED;
	ret = uring_init(&ring, &params, 8);
	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	ret = uring_register_restrictions(&ring, &only, 1);
	if (!ret)
		ret = uring_enable_rings(&ring);
	if (ret)
		errx(1, "%s", strerror(-ret));

	uring_nop(&ring, 1);
	printf("nop: %d\n", finish(&ring));
	uring_read(&ring, 2, 0, &byte, 1, URING_CUR_POS);
	printf("read: %s\n", strerror(-finish(&ring)));
	uring_destroy(&ring);
	return 0;
}

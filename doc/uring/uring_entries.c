/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include <ringshim/uring.h>

int main(void)
{
	struct uring_cqe cqes[3];
	struct uring_sqe *sqe;
	struct uring ring;
	char buf[5];
	int ends[2];
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	if (pipe(ends) || write(ends[1], "hello", 5) != 5)
		err(1, "pipe");
	uring_register_files(&ring, ends, 1);

	sqe = uring_nop(&ring, 1);
	sqe->flags |= URING_SQE_IO_LINK;
	sqe = uring_nop(&ring, 2);
	sqe->flags |= URING_SQE_IO_LINK;
	sqe = uring_read(&ring, 3, -1, buf, sizeof(buf), URING_CUR_POS);
	uring_fixed_file(sqe, 0);
	uring_submit(&ring, 3, NULL);

	ret = uring_copy_cqes(&ring, cqes, 3, 3, NULL);
	for (int i = 0; i < ret; i++)
		printf("%llu: %d\n", (unsigned long long)cqes[i].user_data,
		       cqes[i].res);
	uring_destroy(&ring);
	return 0;
}

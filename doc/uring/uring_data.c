/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include <ringshim/uring.h>

enum { WRITE, FSYNC, READ };

int main(void)
{
	const char *const names[] = { "write", "fsync", "read" };
	struct uring_cqe cqes[3];
	struct uring ring;
	char buf[8] = "";
	FILE *file = tmpfile();
	int fd = file ? fileno(file) : -1;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	if (fd < 0)
		err(1, "tmpfile");

	uring_write(&ring, WRITE, fd, "hello\n", 6, 0)->flags |=
		URING_SQE_IO_LINK;
	uring_fsync(&ring, FSYNC, fd, URING_FSYNC_DATASYNC, 0, 0)->flags |=
		URING_SQE_IO_LINK;
	uring_read(&ring, READ, fd, buf, sizeof(buf), 0);
	uring_submit(&ring, 3, NULL);

	ret = uring_copy_cqes(&ring, cqes, 3, 3, NULL);
	for (int i = 0; i < ret; i++) {
		printf("%s: %d", names[cqes[i].user_data], cqes[i].res);
		if (cqes[i].user_data == READ)
			printf(" (%.*s)", (int)strcspn(buf, "\n"), buf);
		putchar('\n');
	}
	uring_destroy(&ring);
	return 0;
}

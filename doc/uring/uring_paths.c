/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
	char dir[] = "/tmp/uring.XXXXXX";
	struct statx st = { 0 };
	struct uring ring;
	int at, fd;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	if (!mkdtemp(dir))
		err(1, "mkdtemp");
	at = open(dir, O_RDONLY | O_DIRECTORY);

	uring_mkdirat(&ring, 1, at, "d", 0700);
	printf("mkdirat: %d\n", finish(&ring));
	uring_openat(&ring, 2, at, "d/old", O_CREAT | O_WRONLY, 0600);
	fd = finish(&ring);
	printf("openat: %s\n", fd < 0 ? strerror(-fd) : "a descriptor");
	uring_statx(&ring, 3, at, "d/old", 0, STATX_SIZE, &st);
	ret = finish(&ring);
	printf("statx: %d, %llu bytes\n", ret,
	       (unsigned long long)st.stx_size);
	uring_renameat(&ring, 4, at, "d/old", at, "d/new", 0);
	printf("renameat: %d\n", finish(&ring));
	uring_unlinkat(&ring, 5, at, "d/new", 0);
	printf("unlinkat: %d\n", finish(&ring));
	uring_unlinkat(&ring, 6, at, "d", AT_REMOVEDIR);
	printf("rmdir: %d\n", finish(&ring));
	uring_openat(&ring, 7, at, "d/new", O_RDONLY, 0);
	printf("gone: %s\n", strerror(-finish(&ring)));

	uring_destroy(&ring);
	return remove(dir);
}

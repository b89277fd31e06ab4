/* SPDX-License-Identifier: MIT */
/*
 * sqpoll: sums up the bytes of a file. A kernel thread takes the entries from the submission queue,
 * so the reads need no system call while it is awake. Prints the sum, and how often the program
 * entered the kernel.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ringshim/uring.h>

#define BLOCK 4096
#define DEPTH 32

static unsigned entered;

static void fail(const char *what, int error)
{
	fprintf(stderr, "sqpoll: %s: %s\n", what, strerror(error));
	exit(1);
}

/* Does the same as uring_submit, but counts the system calls. */
static void submit(struct uring *ring)
{
	unsigned flags = 0, pending = uring_flush_sq(ring);
	int ret;

	if (!pending || !uring_sq_ring_needs_enter(ring, &flags))
		return; /* the kernel thread is awake and sees them */
	entered++;
	ret = uring_enter(ring, pending, 0, flags, NULL, 0);
	if (ret < 0)
		fail("wake", -ret);
}

static uint64_t sum_up(struct uring *ring, uint64_t size)
{
	static unsigned char buffers[DEPTH][BLOCK];
	uint64_t sum = 0, next = 0, done = 0;
	struct uring_cqe cqes[DEPTH];
	unsigned idle[DEPTH], nr_idle = DEPTH, nr;

	for (unsigned i = 0; i < DEPTH; i++)
		idle[i] = i;
	while (done < size) {
		while (nr_idle && next < size && uring_free_space(ring)) {
			unsigned i = idle[--nr_idle];

			uring_fixed_file(uring_read(ring, i, 0, buffers[i], BLOCK, next), 0);
			next += BLOCK;
		}
		submit(ring);
		/* Completions need no system call either: this loop polls for them. */
		nr = uring_copy_cqes_ready(ring, cqes, DEPTH);
		for (unsigned i = 0; i < nr; i++) {
			if (cqes[i].res <= 0)
				fail("read", -cqes[i].res);
			for (int j = 0; j < cqes[i].res; j++)
				sum += buffers[cqes[i].user_data][j];
			done += (uint64_t)cqes[i].res;
			idle[nr_idle++] = (unsigned)cqes[i].user_data;
		}
	}
	return sum;
}

int main(int argc, char **argv)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring ring;
	struct stat st;
	int fd, ret;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FILE\n", argv[0]);
		return 2;
	}
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		fail(argv[1], errno);

	params.flags = URING_SETUP_SQPOLL; /* the thread sleeps after an idle second */
	ret = uring_init(&ring, &params, DEPTH);
	if (ret)
		fail(uring_why_text(uring_why_failed(ret)), -ret);
	/* Before Linux 5.11 such a ring takes registered files only. */
	ret = uring_register_files(&ring, &fd, 1);
	if (ret)
		fail("register files", -ret);
	printf("sum %llu", (unsigned long long)sum_up(&ring, (uint64_t)st.st_size));
	printf(", entered %u times\n", entered);
	uring_destroy(&ring);
	return 0;
}

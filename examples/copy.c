/* SPDX-License-Identifier: MIT */
/*
 * copy: copies a file with several blocks in flight. Each block is a read into a registered buffer
 * and a linked write from it. The kernel starts the write when the read is done, and cancels it if
 * the read fails.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ringshim/uring.h>

#define BLOCK 65536
#define DEPTH 8 /* blocks in flight */

struct copy {
	struct uring ring;
	char *buffers;
	uint64_t size;	    /* of the file */
	uint64_t next;	    /* offset of the next block */
	unsigned in_flight; /* completions still to come */
};

static void fail(const char *what, int error)
{
	fprintf(stderr, "copy: %s: %s\n", what, strerror(error));
	exit(1);
}

/* Registers the buffers and the files: slot 0 is the source, slot 1 the target. */
static void register_all(struct copy *copy, int from, int to)
{
	struct iovec iov[DEPTH];
	int fds[2] = { from, to };
	int ret;

	copy->buffers = mmap(NULL, DEPTH * BLOCK, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copy->buffers == MAP_FAILED)
		fail("buffers", errno);
	for (int i = 0; i < DEPTH; i++)
		iov[i] = (struct iovec){ copy->buffers + i * BLOCK, BLOCK };
	ret = uring_register_buffers(&copy->ring, iov, DEPTH);
	if (ret)
		fail("register buffers", -ret);
	ret = uring_register_files(&copy->ring, fds, 2);
	if (ret)
		fail("register files", -ret);
}

/* Queues the next block, if there is one: two submission queue entries that use buffer. */
static void start_block(struct copy *copy, unsigned buffer)
{
	char *data = copy->buffers + buffer * BLOCK;
	size_t len = BLOCK;
	struct uring_sqe *sqe;

	if (copy->next == copy->size)
		return;
	/* A short read would break the link, so never read past the end of the file. */
	if (len > copy->size - copy->next)
		len = copy->size - copy->next;

	sqe = uring_read_fixed(&copy->ring, buffer, 0, data, len, copy->next, buffer);
	uring_fixed_file(sqe, 0);
	/* A read that succeeds posts no completion: only that of the write counts. */
	sqe->flags |= URING_SQE_IO_LINK | URING_SQE_CQE_SKIP_SUCCESS;

	sqe = uring_write_fixed(&copy->ring, buffer, 0, data, len, copy->next, buffer);
	uring_fixed_file(sqe, 1);

	copy->next += len;
	copy->in_flight++;
}

static void run(struct copy *copy)
{
	struct uring_cqe cqes[DEPTH];
	int ret, nr;

	for (unsigned i = 0; i < DEPTH; i++)
		start_block(copy, i);
	while (copy->in_flight) {
		ret = uring_submit(&copy->ring, 1, NULL);
		if (ret < 0 && ret != -EINTR)
			fail("submit", -ret);
		nr = uring_copy_cqes(&copy->ring, cqes, DEPTH, 1, NULL);
		for (int i = 0; i < nr; i++) {
			if (cqes[i].res < 0)
				fail("block", -cqes[i].res);
			copy->in_flight--;
			start_block(copy, (unsigned)cqes[i].user_data);
		}
	}
}

int main(int argc, char **argv)
{
	struct copy copy = { .next = 0 };
	struct stat st;
	int from, to, ret;

	if (argc != 3) {
		fprintf(stderr, "usage: %s FROM TO\n", argv[0]);
		return 2;
	}
	from = open(argv[1], O_RDONLY);
	if (from < 0 || fstat(from, &st))
		fail(argv[1], errno);
	to = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, st.st_mode & 0777);
	if (to < 0)
		fail(argv[2], errno);
	copy.size = (uint64_t)st.st_size;

	/* Each block takes two entries, and all blocks can be queued at once. */
	ret = uring_init(&copy.ring, NULL, 2 * DEPTH);
	if (ret)
		fail(uring_why_text(uring_why_failed(ret)), -ret);
	register_all(&copy, from, to);
	run(&copy);
	uring_destroy(&copy.ring);
	return close(to) ? 1 : 0;
}

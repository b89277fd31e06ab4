/* SPDX-License-Identifier: MIT */
/*
 * Test program for liburing: copies a file, with each read linked to the write of its data. Usage:
 * cp FROM TO.
 */
#include <liburing.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEPTH 8
#define BLOCK 4096

struct block {
	struct iovec iov;
	off_t offset;
	int left;		/* completions still to come */
	int error;
};

static struct io_uring ring;
static char memory[DEPTH][BLOCK];
static struct block blocks[DEPTH];

static void queue(struct block *block, int from, int to)
{
	struct io_uring_sqe *sqe;

	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_readv(sqe, from, &block->iov, 1, (__u64)block->offset);
	sqe->flags |= IOSQE_IO_LINK;
	io_uring_sqe_set_data(sqe, block);
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_writev(sqe, to, &block->iov, 1, (__u64)block->offset);
	io_uring_sqe_set_data(sqe, block);
	block->left = 2;
	block->error = 0;
}

/* Waits for one completion; returns the block that it completes, or NULL. */
static struct block *reap(int *ret)
{
	struct io_uring_cqe *cqe;
	struct block *block;

	*ret = io_uring_wait_cqe(&ring, &cqe);
	if (*ret)
		return NULL;
	block = io_uring_cqe_get_data(cqe);
	if (cqe->res != (int)block->iov.iov_len && !block->error)
		block->error = cqe->res < 0 ? cqe->res : -EIO;
	io_uring_cqe_seen(&ring, cqe);
	*ret = block->error;
	return --block->left ? NULL : block;
}

static int copy(int from, int to, off_t size)
{
	off_t next = 0;
	int in_flight = 0, i, ret;
	struct block *block;

	for (i = 0; i < DEPTH; i++)
		blocks[i].iov.iov_base = memory[i];
	for (i = 0, block = &blocks[0]; next < size || in_flight; ) {
		if (block && next < size) {
			block->offset = next;
			block->iov.iov_len = size - next < BLOCK ? (size_t)(size - next) : BLOCK;
			queue(block, from, to);
			next += (off_t)block->iov.iov_len;
			in_flight++;
			block = ++i < DEPTH ? &blocks[i] : NULL;
			continue;
		}
		ret = io_uring_submit(&ring);
		if (ret < 0)
			return ret;
		do {
			block = reap(&ret);
		} while (!block && !ret);
		if (ret)
			return ret;
		in_flight--;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct stat st;
	int from, to, ret;

	if (argc != 3)
		return 2;
	from = open(argv[1], O_RDONLY);
	to = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (from < 0 || to < 0 || fstat(from, &st)) {
		perror("cp");
		return 1;
	}
	ret = io_uring_queue_init(2 * DEPTH, &ring, 0);
	if (!ret) {
		ret = copy(from, to, st.st_size);
		io_uring_queue_exit(&ring);
	}
	if (ret)
		fprintf(stderr, "cp: %s\n", strerror(-ret));
	return ret != 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Test program for liburing: adds up the bytes of a file with an SQPOLL thread, using more entries
 * than the queue has places. Usage: sqpoll FILE.
 */
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES 4
#define BLOCK 512
#define IN_FLIGHT 32

static struct io_uring ring;
static unsigned char memory[IN_FLIGHT][BLOCK];
static unsigned long sum;
static unsigned in_flight;

static struct io_uring_sqe *entry(void)
{
	struct io_uring_sqe *sqe;

	while (!(sqe = io_uring_get_sqe(&ring)))
		if (io_uring_sqring_wait(&ring) < 0)
			exit(1);
	return sqe;
}

static int reap(unsigned wait_nr)
{
	struct io_uring_cqe *cqe;
	int ret, i;

	ret = wait_nr ? io_uring_wait_cqe(&ring, &cqe) : io_uring_peek_cqe(&ring, &cqe);
	while (!ret) {
		if (cqe->res < 0)
			return cqe->res;
		for (i = 0; i < cqe->res; i++)
			sum += memory[cqe->user_data % IN_FLIGHT][i];
		io_uring_cqe_seen(&ring, cqe);
		in_flight--;
		ret = io_uring_peek_cqe(&ring, &cqe);
	}
	return ret == -EAGAIN ? 0 : ret;
}

/* Reads the registered file in rounds, each read into its own place. */
static int add_up(off_t size)
{
	off_t offset = 0;
	int ret = 0;

	while (offset < size && !ret) {
		for (; in_flight < IN_FLIGHT && offset < size; offset += BLOCK) {
			struct io_uring_sqe *sqe = entry();

			io_uring_prep_read(sqe, 0, memory[in_flight], BLOCK, (__u64)offset);
			sqe->flags |= IOSQE_FIXED_FILE;
			sqe->user_data = in_flight++;
			ret = io_uring_submit(&ring);
			if (ret < 0)
				return ret;
		}
		for (ret = 0; in_flight && !ret; )
			ret = reap(1);
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct io_uring_params params = { .flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 100 };
	struct stat st;
	int fd, ret;

	if (argc != 2)
		return 2;
	alarm(60);
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || fstat(fd, &st)) {
		perror("sqpoll");
		return 1;
	}
	ret = io_uring_queue_init_params(ENTRIES, &ring, &params);
	if (!ret)
		ret = io_uring_register_files(&ring, &fd, 1);
	if (!ret)
		ret = add_up(st.st_size);
	if (ret) {
		fprintf(stderr, "sqpoll: %s\n", strerror(-ret));
		return 1;
	}
	printf("sum %lu\n", sum);
	io_uring_queue_exit(&ring);
	return 0;
}

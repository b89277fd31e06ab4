/* SPDX-License-Identifier: MIT */
/*
 * Test program for liburing: prints checksums of files as cksum(1) does, reading registered files
 * into registered buffers. Usage: digest FILE...
 */
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILES 16
#define NR_BUFFERS 4
#define BUFFER_SIZE 8192

static struct io_uring ring;
static char *buffers;
static uint32_t table[256];

static void make_table(void)
{
	uint32_t crc, i;
	int bit;

	for (i = 0; i < 256; i++) {
		crc = i << 24;
		for (bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
		table[i] = crc;
	}
}

static uint32_t add(uint32_t crc, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len--)
		crc = crc << 8 ^ table[(crc >> 24 ^ *p++) & 0xff];
	return crc;
}

static void queue(int slot, int buffer, off_t offset)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	io_uring_prep_read_fixed(sqe, slot, buffers + buffer * BUFFER_SIZE, BUFFER_SIZE,
				 (__u64)offset, buffer);
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	io_uring_sqe_set_data64(sqe, (__u64)buffer);
}

/* Reads into all buffers at once, and takes the results in order. */
static int digest(int slot, const char *name)
{
	struct io_uring_cqe *cqes[NR_BUFFERS];
	int results[NR_BUFFERS] = { 0 };
	uint32_t crc = 0;
	unsigned nr, i;
	off_t size = 0, length;
	int ret;

	do {
		for (i = 0; i < NR_BUFFERS; i++)
			queue(slot, (int)i, size + (off_t)i * BUFFER_SIZE);
		ret = io_uring_submit_and_wait(&ring, NR_BUFFERS);
		if (ret != NR_BUFFERS)
			return ret < 0 ? ret : -EIO;
		nr = io_uring_peek_batch_cqe(&ring, cqes, NR_BUFFERS);
		if (nr != NR_BUFFERS)
			return -EIO;
		for (i = 0; i < nr; i++)
			results[io_uring_cqe_get_data64(cqes[i])] = cqes[i]->res;
		io_uring_cq_advance(&ring, nr);
		for (i = 0; i < NR_BUFFERS && results[i] > 0; i++) {
			crc = add(crc, buffers + i * BUFFER_SIZE, (size_t)results[i]);
			size += results[i];
		}
		if (i < NR_BUFFERS && results[i] < 0)
			return results[i];
	} while (i == NR_BUFFERS && results[NR_BUFFERS - 1] == BUFFER_SIZE);
	for (length = size; length; length >>= 8) {
		unsigned char byte = length & 0xff;

		crc = add(crc, &byte, 1);
	}
	printf("%u %lld %s\n", ~crc, (long long)size, name);
	return 0;
}

/* All slots exist first; the files are then registered one at a time. */
static int digest_all(int nr, char **names)
{
	struct iovec iov[NR_BUFFERS];
	int i, fd, ret;

	for (i = 0; i < NR_BUFFERS; i++) {
		iov[i].iov_base = buffers + i * BUFFER_SIZE;
		iov[i].iov_len = BUFFER_SIZE;
	}
	ret = io_uring_register_buffers(&ring, iov, NR_BUFFERS);
	if (!ret)
		ret = io_uring_register_files_sparse(&ring, MAX_FILES);
	for (i = 0; i < nr && !ret; i++) {
		fd = open(names[i], O_RDONLY);
		if (fd < 0)
			return -errno;
		ret = io_uring_register_files_update(&ring, (unsigned)i % MAX_FILES, &fd, 1);
		close(fd);
		ret = ret == 1 ? digest(i % MAX_FILES, names[i]) : ret;
	}
	return ret;
}

int main(int argc, char **argv)
{
	int ret;

	if (argc < 2 || posix_memalign((void **)&buffers, 4096, NR_BUFFERS * BUFFER_SIZE))
		return 2;
	make_table();
	ret = io_uring_queue_init(NR_BUFFERS, &ring, 0);
	if (!ret) {
		ret = digest_all(argc - 1, argv + 1);
		io_uring_queue_exit(&ring);
	}
	if (ret)
		fprintf(stderr, "digest: %s\n", strerror(-ret));
	free(buffers);
	return ret != 0;
}

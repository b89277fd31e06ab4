/* SPDX-License-Identifier: MIT */
/* Tests operations on file data. */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "ring.h"

#define SIZE 4096
#define LARGE (5ull << 30)

static char in[SIZE], out[SIZE];

static void test_read(void)
{
	struct uring *ring = open_ring(8);
	int fd = temp_file();

	fill_pattern(out, SIZE, 1);
	check_int(pwrite(fd, out, SIZE, 100), SIZE);
	check_int(run(ring, uring_read(ring, 5, fd, in, SIZE, 100)), SIZE);
	check(!memcmp(in, out, SIZE));
	/* Reads past the end, and at the file position, which moves. */
	check_int(run(ring, uring_read(ring, 5, fd, in, SIZE, 100 + SIZE)), 0);
	lseek(fd, 50, SEEK_SET);
	check_int(run(ring, uring_read(ring, 5, fd, in, 60, URING_CUR_POS)), 60);
	check_int(lseek(fd, 0, SEEK_CUR), 110);
	check_int(in[49], 0);
	check(!memcmp(in + 50, out, 10));
	/* A length over 32 bits reads what is available, not the length modulo 2^32. */
	check_int(run(ring, uring_read(ring, 5, fd, in, 0, 0)), 0);
	check_int(uring_rw_len(0x100000001), URING_MAX_RW);
	check_int(uring_rw_len(URING_MAX_RW - 1), URING_MAX_RW - 1);
	check_int(run(ring, uring_read(ring, 5, -1, in, SIZE, 0)), -EBADF);
}

static void test_write(void)
{
	struct uring *ring = open_ring(8);
	int fd = temp_file();

	fill_pattern(out, SIZE, 2);
	check_int(run(ring, uring_write(ring, 5, fd, out, SIZE, 10)), SIZE);
	check_int(pread(fd, in, SIZE, 10), SIZE);
	check(!memcmp(in, out, SIZE));
	check_int(lseek(fd, 0, SEEK_CUR), 0);
	check_int(run(ring, uring_write(ring, 5, fd, "xyz", 3, URING_CUR_POS)), 3);
	check_int(lseek(fd, 0, SEEK_CUR), 3);
	check_int(pread(fd, in, 4, 0), 4);
	check(!memcmp(in, "xyz", 4));
}

static void test_vectored(void)
{
	struct iovec iov[2] = { { out, 1000 }, { out + 2000, 500 } };
	struct iovec back[2] = { { in, 1 }, { in + 1, 1499 } };
	struct uring *ring = open_ring(8);
	int fd = temp_file();

	fill_pattern(out, SIZE, 3);
	check_int(run(ring, uring_writev(ring, 5, fd, iov, 2, 7)), 1500);
	check_int(run(ring, uring_readv(ring, 6, fd, back, 2, 7)), 1500);
	check(!memcmp(in, out, 1000));
	check(!memcmp(in + 1000, out + 2000, 500));
	check_int(run(ring, uring_writev(ring, 5, fd, iov, 1025, 0)), -EINVAL);
}

static void *pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED);
	return p;
}

static void test_fixed(void)
{
	struct uring *ring = open_ring_to_register(8);
	char *a = pages(SIZE), *b = pages(SIZE);
	struct iovec bufs[2] = { { a, SIZE }, { b, SIZE } };
	int fd = temp_file();

	check_int(uring_register_buffers(ring, bufs, 2), 0);
	fill_pattern(a, SIZE, 4);
	check_int(run(ring, uring_write_fixed(ring, 5, fd, a + 96, 4000, 0, 0)), 4000);
	check_int(run(ring, uring_read_fixed(ring, 5, fd, b, 4000, 0, 1)), 4000);
	check(!memcmp(a + 96, b, 4000));
	/* Outside the buffer; then a buffer that does not exist. */
	check_int(run(ring, uring_read_fixed(ring, 5, fd, b + 1, SIZE, 0, 1)), -EFAULT);
	check_int(run(ring, uring_read_fixed(ring, 5, fd, b, 10, 0, 2)), -EFAULT);
	check_int(run(ring, uring_write_fixed(ring, 5, fd, b, 10, 0, 0)), -EFAULT);
}

static void test_vectored_fixed(void)
{
	struct uring *ring = open_ring_to_register(8);
	char *a = pages(SIZE), *b = pages(SIZE);
	struct iovec bufs[2] = { { a, SIZE }, { b, SIZE } };
	struct iovec out_iov[2] = { { a, 100 }, { a + 1000, 300 } };
	struct iovec in_iov[2] = { { b + 5, 150 }, { b + 2000, 250 } };
	int fd = temp_file();

	need(URING_WHAT_OP, URING_OP_WRITEV_FIXED);
	check_int(uring_register_buffers(ring, bufs, 2), 0);
	fill_pattern(a, SIZE, 5);
	check_int(run(ring, uring_writev_fixed(ring, 5, fd, out_iov, 2, 0, 0)), 400);
	check_int(run(ring, uring_readv_fixed(ring, 5, fd, in_iov, 2, 0, 1)), 400);
	check(!memcmp(b + 5, a, 100));
	check(!memcmp(b + 105, a + 1000, 50));
	check(!memcmp(b + 2000, a + 1050, 250));
	check_int(run(ring, uring_readv_fixed(ring, 5, fd, out_iov, 2, 0, 1)), -EFAULT);
}

static void test_read_multishot(void)
{
	struct uring *ring = open_ring_to_register(8);
	struct uring_buf_ring *br;
	char bufs[2][64] = { { 0 } };
	struct uring_cqe cqe;
	int fds[2];

	need(URING_WHAT_OP, URING_OP_READ_MULTISHOT);
	check_int(pipe(fds), 0);
	check_int(uring_setup_buf_ring(ring, &br, 2, 3, 0), 0);
	for (int i = 0; i < 2; i++)
		uring_buf_ring_add(br, bufs[i], sizeof(bufs[i]), i, uring_buf_ring_mask(2), i);
	uring_buf_ring_advance(br, 2);
	check(uring_read_multishot(ring, 9, fds[0], URING_CUR_POS, 3) != NULL);
	for (int i = 0; i < 2; i++) {
		check_int(uring_submit(ring, 0, NULL), i == 0);
		check_int(write(fds[1], "hello", 5), 5);
		cqe = next_cqe(ring);
		check_int(cqe.user_data, 9);
		check_int(cqe.res, 5);
		check_int(uring_cqe_buffer(&cqe), i);
		check(!memcmp(bufs[i], "hello", 5));
	}
	/* The buffer group is now empty. */
	check_int(write(fds[1], "!", 1), 1);
	cqe = next_cqe(ring);
	check_int(cqe.res, -ENOBUFS);
	check_int(cqe.flags & URING_CQE_F_MORE, 0);
	check_int(uring_cqe_buffer(&cqe), -1);
	/* Not supported on a regular file. */
	check_int(run(ring, uring_read_multishot(ring, 9, temp_file(), 0, 3)), -EBADFD);
	check_int(uring_free_buf_ring(ring, br, 2, 3), 0);
}

static void test_fsync(void)
{
	struct uring *ring = open_ring(8);
	struct uring_sqe *sqe;
	int fd = temp_file();
	int fds[2];

	check_int(write(fd, out, SIZE), SIZE);
	check_int(run(ring, uring_fsync(ring, 5, fd, 0, 0, 0)), 0);
	check_int(run(ring, uring_fsync(ring, 5, fd, URING_FSYNC_DATASYNC, 0, 0)), 0);
	sqe = uring_fsync(ring, 5, fd, 0, 100, 200);
	check_int(sqe->off, 100);
	check_int(sqe->len, 200);
	check_int(run(ring, sqe), 0);
	check_int(run(ring, uring_fsync(ring, 5, fd, 0x80, 0, 0)), -EINVAL);
	check_int(pipe(fds), 0);
	check_int(run(ring, uring_fsync(ring, 5, fds[0], 0, 0, 0)), -EINVAL);
}

static void test_sync_file_range(void)
{
	struct uring *ring = open_ring(8);
	int fd = temp_file(), fds[2];

	check_int(pipe(fds), 0);
	check_int(run(ring, uring_sync_file_range(ring, 5, fds[0], 0, 0, 0)), -ESPIPE);
	check_int(write(fd, out, SIZE), SIZE);
	check_int(run(ring, uring_sync_file_range(ring, 5, fd, 0, SIZE, SYNC_FILE_RANGE_WRITE)), 0);
	check_int(run(ring, uring_sync_file_range(ring, 5, fd, 0, SIZE, 0x1000)), -EINVAL);
}

static void test_fallocate(void)
{
	struct uring *ring = open_ring(8);
	int fd = temp_file();
	struct stat st;

	check_int(run(ring, uring_fallocate(ring, 5, fd, 0, 1000, 3000)), 0);
	check_int(fstat(fd, &st), 0);
	check_int(st.st_size, 4000);
	check_int(run(ring, uring_fallocate(ring, 5, fd, FALLOC_FL_KEEP_SIZE, 0, 9000)), 0);
	check_int(fstat(fd, &st), 0);
	check_int(st.st_size, 4000);
	/* A 64-bit length: a truncated one would not be refused. */
	check_int(run(ring, uring_fallocate(ring, 5, fd, 0, 1ull << 62, 1ull << 62)), -EFBIG);
}

static void test_ftruncate(void)
{
	struct uring *ring = open_ring(8);
	int fd = temp_file();
	struct stat st;

	need(URING_WHAT_OP, URING_OP_FTRUNCATE);
	check_int(run(ring, uring_ftruncate(ring, 5, fd, (1ull << 32) + 5)), 0);
	check_int(fstat(fd, &st), 0);
	check_int(st.st_size, (1ll << 32) + 5);
	check_int(run(ring, uring_ftruncate(ring, 5, fd, 3)), 0);
	check_int(fstat(fd, &st), 0);
	check_int(st.st_size, 3);
}

static void test_fadvise(void)
{
	struct uring *ring = open_ring(8);
	unsigned char resident = 0;
	int fd = temp_file();
	void *map;

	fill_pattern(out, SIZE, 6);
	check_int(write(fd, out, SIZE), SIZE);
	check_int(fsync(fd), 0);
	map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	check(map != MAP_FAILED);
	check_int(run(ring, uring_fadvise(ring, 5, fd, 0, SIZE, POSIX_FADV_RANDOM)), 0);
	check_int(mincore(map, SIZE, &resident), 0);
	check_int(resident & 1, 1);
	/* Drops the page; memory file systems cannot drop it. */
	munmap(map, SIZE);
	check_int(run(ring, uring_fadvise(ring, 5, fd, 0, SIZE, POSIX_FADV_DONTNEED)), 0);
	check_int(run(ring, uring_fadvise(ring, 5, fd, 0, SIZE, 77)), -EINVAL);
	need_age_of(URING_WHAT_OP, URING_OP_BIND, "fadvise of more than 4 GiB");
	check_int(run(ring, uring_fadvise(ring, 5, fd, 0, 1ull << 40, POSIX_FADV_NORMAL)), 0);
}

static void test_madvise(void)
{
	struct uring *ring = open_ring(8);
	char *map = pages(2 * SIZE);

	map[0] = map[SIZE] = 1;
	check_int(run(ring, uring_madvise(ring, 5, map, SIZE, MADV_DONTNEED)), 0);
	check_int(map[0], 0);
	check_int(map[SIZE], 1);
	check_int(run(ring, uring_madvise(ring, 5, map + 1, SIZE, MADV_DONTNEED)), -EINVAL);
	if (sizeof(size_t) == 4)
		return;
	need_age_of(URING_WHAT_OP, URING_OP_BIND, "madvise of more than 4 GiB");
	map = mmap(NULL, LARGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(map != MAP_FAILED);
	map[LARGE - 1] = 1;
	check_int(run(ring, uring_madvise(ring, 5, map, LARGE, MADV_DONTNEED)), 0);
	check_int(map[LARGE - 1], 0);
}

static void test_splice(void)
{
	struct uring *ring = open_ring_to_register(8);
	int fd = temp_file(), fds[2];

	fill_pattern(out, 1000, 7);
	check_int(pwrite(fd, out, 1000, 0), 1000);
	check_int(pipe(fds), 0);
	check_int(run(ring, uring_splice(ring, 5, fd, 100, fds[1], -1, 300, 0)), 300);
	check_int(read(fds[0], in, SIZE), 300);
	check(!memcmp(in, out + 100, 300));
	check_int(write(fds[1], "tail", 4), 4);
	check_int(run(ring, uring_splice(ring, 5, fds[0], -1, fd, 1000, 4, 0)), 4);
	check_int(pread(fd, in, 10, 1000), 4);
	check(!memcmp(in, "tail", 4));
	check_int(run(ring, uring_splice(ring, 5, fd, 0, fd, 0, 4, 0)), -EINVAL);
	/* The input can be a registered file. */
	check_int(uring_register_files(ring, &fd, 1), 0);
	check_int(run(ring, uring_splice(ring, 5, 0, 0, fds[1], -1, 7,
					 URING_SPLICE_F_FD_IN_FIXED)), 7);
}

static void test_tee(void)
{
	struct uring *ring = open_ring(8);
	int a[2], b[2];

	check_int(pipe(a), 0);
	check_int(pipe(b), 0);
	check_int(write(a[1], "twice", 5), 5);
	check_int(run(ring, uring_tee(ring, 5, a[0], b[1], 100, 0)), 5);
	check_int(read(a[0], in, SIZE), 5);
	check_int(read(b[0], in, SIZE), 5);
	check(!memcmp(in, "twice", 5));
}

static const struct test tests[] = {
	{ "uring_read", test_read },
	{ "uring_write", test_write },
	{ "uring_readv, uring_writev", test_vectored },
	{ "uring_read_fixed, uring_write_fixed", test_fixed },
	{ "uring_readv_fixed, uring_writev_fixed", test_vectored_fixed },
	{ "uring_read_multishot", test_read_multishot },
	{ "uring_fsync", test_fsync },
	{ "uring_sync_file_range", test_sync_file_range },
	{ "uring_fallocate", test_fallocate },
	{ "uring_ftruncate", test_ftruncate },
	{ "uring_fadvise", test_fadvise },
	{ "uring_madvise", test_madvise },
	{ "uring_splice", test_splice },
	{ "uring_tee", test_tee },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}

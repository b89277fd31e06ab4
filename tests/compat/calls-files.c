/* SPDX-License-Identifier: MIT */
/* Tests liburing's preparations of file operations, each run once. */
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>

#include "calls.h"

static char text[64];

static int holds(const char *name, const char *expect)
{
	char is[64] = "";
	int fd = open(name, O_RDONLY);

	if (fd < 0 || read(fd, is, sizeof(is) - 1) < 0)
		return 0;
	close(fd);
	return !strcmp(is, expect);
}

static void test_read_write(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct iovec iov[2] = { { text, 2 }, { text + 2, 2 } };
	int fd;

	enter_temp_dir();
	fd = make_file("file", "0123456789");
	io_uring_prep_read(entry(ring), fd, text, 3, 2);
	check_int(run(ring), 3);
	check(!memcmp(text, "234", 3));
	io_uring_prep_readv(entry(ring), fd, iov, 2, 5);
	check_int(run(ring), 4);
	check(!memcmp(text, "5678", 4));
	io_uring_prep_readv2(entry(ring), fd, iov, 1, 0, RWF_NOWAIT);
	check_int(run(ring), 2);
	check(!memcmp(text, "0178", 4));
	io_uring_prep_readv2(entry(ring), fd, iov, 1, 0, 0x40000000);
	check_int(run(ring), -EOPNOTSUPP);
	io_uring_prep_write(entry(ring), fd, "AB", 2, 1);
	check_int(run(ring), 2);
	memcpy(text, "wxyz", 4);
	io_uring_prep_writev(entry(ring), fd, iov, 2, 4);
	check_int(run(ring), 4);
	check(holds("file", "0AB3wxyz89"));
	io_uring_prep_writev2(entry(ring), fd, iov, 1, 0, RWF_APPEND);
	check_int(run(ring), 2);
	check(holds("file", "0AB3wxyz89wx"));
	io_uring_prep_rw(IORING_OP_READ, entry(ring), fd, text, 1, 4);
	check_int(run(ring), 1);
	check_int(text[0], 'w');
}

static void test_fixed(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct iovec iov = { text, sizeof(text) };
	int fd;

	enter_temp_dir();
	fd = make_file("file", "0123456789");
	check_int(io_uring_register_buffers(ring, &iov, 1), 0);
	io_uring_prep_read_fixed(entry(ring), fd, text + 1, 3, 2, 0);
	check_int(run(ring), 3);
	check(!memcmp(text + 1, "234", 3));
	io_uring_prep_read_fixed(entry(ring), fd, text, 3, 2, 1);
	check_int(run(ring), -EFAULT);
	io_uring_prep_write_fixed(entry(ring), fd, text + 1, 3, 7, 0);
	check_int(run(ring), 3);
	check(holds("file", "0123456234"));
#if SINCE(10)
	need_op(IORING_OP_READV_FIXED, "readv_fixed");
	iov.iov_len = 4;
	io_uring_prep_readv_fixed(entry(ring), fd, &iov, 1, 6, 0, 0);
	check_int(run(ring), 4);
	check(!memcmp(text, "6234", 4));
	io_uring_prep_writev_fixed(entry(ring), fd, &iov, 1, 0, RWF_DSYNC, 0);
	check_int(run(ring), 4);
	check(holds("file", "6234456234"));
#endif
}

static void test_whole_files(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct statx stx;
	void *page = NULL;
	int fd;

	enter_temp_dir();
	fd = make_file("file", "0123456789");
	io_uring_prep_fsync(entry(ring), fd, IORING_FSYNC_DATASYNC);
	check_int(run(ring), 0);
	io_uring_prep_sync_file_range(entry(ring), fd, 5, 1, SYNC_FILE_RANGE_WRITE);
	check_int(run(ring), 0);
	io_uring_prep_fallocate(entry(ring), fd, 0, 8, 12);
	check_int(run(ring), 0);
	check_int(lseek(fd, 0, SEEK_END), 20);
	io_uring_prep_fadvise(entry(ring), fd, 0, 4096, POSIX_FADV_DONTNEED);
	check_int(run(ring), 0);
	check_int(posix_memalign(&page, 4096, 4096), 0);
	memset(page, 1, 4096);
	io_uring_prep_madvise(entry(ring), page, 4096, 4 /* MADV_DONTNEED */);
	check_int(run(ring), 0);
	check_int(*(char *)page, 0);
	io_uring_prep_statx(entry(ring), AT_FDCWD, "file", 0, STATX_SIZE, &stx);
	check_int(run(ring), 0);
	check_int(stx.stx_size, 20);
#if SINCE(7)
	io_uring_prep_fadvise64(entry(ring), fd, 0, 4096, POSIX_FADV_DONTNEED);
	check_int(run(ring), 0);
	memset(page, 1, 4096);
	io_uring_prep_madvise64(entry(ring), page, 4096, 4 /* MADV_DONTNEED */);
	check_int(run(ring), 0);
	check_int(*(char *)page, 0);
#endif
#if SINCE(6)
	need_op(IORING_OP_FTRUNCATE, "ftruncate");
	io_uring_prep_ftruncate(entry(ring), fd, 3);
	check_int(run(ring), 0);
	check(holds("file", "012"));
#endif
	free(page);
}

static void test_open_close(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_NO_SYMLINKS };
	struct io_uring_sqe *sqe;
	int fd, dir;

	enter_temp_dir();
	close(make_file("file", "text"));
	check_int(symlink("file", "link"), 0);
	dir = open(".", O_RDONLY);
	io_uring_prep_openat(entry(ring), dir, "new", O_WRONLY | O_CREAT | O_EXCL, 0600);
	fd = run(ring);
	check(fd > dir);
	check_int(write(fd, "new", 3), 3);
	check(holds("new", "new"));
	io_uring_prep_close(entry(ring), fd);
	check_int(run(ring), 0);
	check_int(fcntl(fd, F_GETFD), -1);
	io_uring_prep_openat2(entry(ring), dir, "file", &how);
	fd = run(ring);
	check(fd > dir);
	close(fd);
	io_uring_prep_openat2(entry(ring), dir, "link", &how);
	check_int(run(ring), -ELOOP);

	check_int(io_uring_register_files_sparse(ring, 4), 0);
	io_uring_prep_openat_direct(entry(ring), dir, "file", O_RDONLY, 0, 2);
	check_int(run(ring), 0);
	sqe = entry(ring);
	io_uring_prep_read(sqe, 2, text, 4, 0);
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	check_int(run(ring), 4);
	check(!memcmp(text, "text", 4));
	io_uring_prep_close_direct(entry(ring), 2);
	check_int(run(ring), 0);
	io_uring_prep_close_direct(entry(ring), 2);
	check_int(run(ring), -EBADF);
	io_uring_prep_openat2_direct(entry(ring), dir, "file", &how, 3);
	check_int(run(ring), 0);
	sqe = entry(ring);
	io_uring_prep_rw(IORING_OP_CLOSE, sqe, 0, NULL, 0, 0);
	__io_uring_set_target_fixed_file(sqe, 3);
	check_int(run(ring), 0);
#if SINCE(8)
	io_uring_prep_open(entry(ring), "file", O_RDONLY, 0);
	fd = run(ring);
	check(fd > dir);
	close(fd);
	/* Exactly four slots, which the kernel picks. */
	for (int i = 0; i < 4; i++) {
		io_uring_prep_open_direct(entry(ring), "file", O_RDONLY, 0, IORING_FILE_INDEX_ALLOC);
		fd = run(ring);
		check(fd >= 0 && fd < 4);
	}
	io_uring_prep_openat2_direct(entry(ring), dir, "file", &how, IORING_FILE_INDEX_ALLOC);
	check_int(run(ring), -ENFILE);
#endif
}

static void test_names(void)
{
	struct io_uring *ring = open_ring(8, 0);
	int dir;

	enter_temp_dir();
	close(make_file("file", "text"));
	check_int(mkdir("dir", 0755), 0);
	dir = open("dir", O_RDONLY | O_DIRECTORY);
	io_uring_prep_linkat(entry(ring), AT_FDCWD, "file", dir, "one", 0);
	check_int(run(ring), 0);
	check(holds("dir/one", "text"));
	io_uring_prep_renameat(entry(ring), dir, "one", dir, "two", 0);
	check_int(run(ring), 0);
	check(!holds("dir/one", "text") && holds("dir/two", "text"));
	io_uring_prep_renameat(entry(ring), AT_FDCWD, "file", dir, "two", 1 /* RENAME_NOREPLACE */);
	check_int(run(ring), -EEXIST);
	io_uring_prep_symlinkat(entry(ring), "two", dir, "three");
	check_int(run(ring), 0);
	check(holds("dir/three", "text"));
	io_uring_prep_unlinkat(entry(ring), dir, "three", 0);
	check_int(run(ring), 0);
	check(!holds("dir/three", "text"));
	io_uring_prep_mkdirat(entry(ring), dir, "sub", 0700);
	check_int(run(ring), 0);
	io_uring_prep_unlinkat(entry(ring), dir, "sub", AT_REMOVEDIR);
	check_int(run(ring), 0);

	io_uring_prep_link(entry(ring), "file", "four", 0);
	check_int(run(ring), 0);
	check(holds("four", "text"));
	io_uring_prep_rename(entry(ring), "four", "five");
	check_int(run(ring), 0);
	check(holds("five", "text"));
	io_uring_prep_symlink(entry(ring), "five", "six");
	check_int(run(ring), 0);
	check(holds("six", "text"));
	io_uring_prep_unlink(entry(ring), "six", 0);
	check_int(run(ring), 0);
	io_uring_prep_mkdir(entry(ring), "seven", 0700);
	check_int(run(ring), 0);
	check_int(rmdir("seven"), 0);
}

static void test_xattr(void)
{
	struct io_uring *ring = open_ring(8, 0);
	int fd;

	enter_temp_dir();
	fd = make_file("file", "text");
	if (setxattr("file", "user.a", "1", 1, 0))
		skip("user attributes here: %s", strerror(errno));
	io_uring_prep_setxattr(entry(ring), "user.b", "value", "file", XATTR_CREATE, 5);
	check_int(run(ring), 0);
	io_uring_prep_setxattr(entry(ring), "user.b", "value", "file", XATTR_CREATE, 5);
	check_int(run(ring), -EEXIST);
	io_uring_prep_getxattr(entry(ring), "user.b", text, "file", sizeof(text));
	check_int(run(ring), 5);
	check(!memcmp(text, "value", 5));
	io_uring_prep_fsetxattr(entry(ring), fd, "user.b", "other", XATTR_REPLACE, 5);
	check_int(run(ring), 0);
	io_uring_prep_fgetxattr(entry(ring), fd, "user.b", text, sizeof(text));
	check_int(run(ring), 5);
	check(!memcmp(text, "other", 5));
}

static void test_pipes(void)
{
	struct io_uring *ring = open_ring(8, 0);
	int fd, a[2], b[2];

	enter_temp_dir();
	fd = make_file("file", "0123456789");
	check_int(pipe(a), 0);
	check_int(pipe(b), 0);
	io_uring_prep_splice(entry(ring), fd, 3, a[1], -1, 4, 0);
	check_int(run(ring), 4);
	io_uring_prep_tee(entry(ring), a[0], b[1], 2, 0);
	check_int(run(ring), 2);
	check_int(read(a[0], text, sizeof(text)), 4);
	check(!memcmp(text, "3456", 4));
	check_int(read(b[0], text, sizeof(text)), 2);
	check(!memcmp(text, "34", 2));
#if SINCE(12)
	need_op(IORING_OP_PIPE, "pipe");
	io_uring_prep_pipe(entry(ring), a, O_NONBLOCK);
	check_int(run(ring), 0);
	check_int(write(a[1], "x", 1), 1);
	check_int(read(a[0], text, 2), 1);
	check_int(fcntl(a[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	check_int(io_uring_register_files_sparse(ring, 4), 0);
	io_uring_prep_pipe_direct(entry(ring), a, 0, 1);
	check_int(run(ring), 0);
	io_uring_prep_close_direct(entry(ring), 2);
	check_int(run(ring), 0);
#endif
}

static void test_multishot(void)
{
#if SINCE(5)
	struct io_uring *ring = open_ring(8, 0);
	unsigned flags;
	int fds[2];

	need_op(IORING_OP_READ_MULTISHOT, "read_multishot");
	check_int(pipe(fds), 0);
	io_uring_prep_provide_buffers(entry(ring), text, 8, 4, 5, 0);
	check_int(run(ring), 0);
	io_uring_prep_read_multishot(entry(ring), fds[0], 0, 0, 5);
	for (int i = 0; i < 2; i++) {
		check(io_uring_submit(ring) >= 0);
		check_int(write(fds[1], "abc", 3), 3);
		check_int(next_cqe(ring, &flags), 3);
		check(flags & IORING_CQE_F_MORE && flags & IORING_CQE_F_BUFFER);
		check(!memcmp(text + 8 * (flags >> IORING_CQE_BUFFER_SHIFT), "abc", 3));
	}
#else
	skip("this liburing does not have it");
#endif
}

static const struct test tests[] = {
	{ "read and write", test_read_write },
	{ "registered buffers", test_fixed },
	{ "whole files", test_whole_files },
	{ "open and close", test_open_close },
	{ "names", test_names },
	{ "extended attributes", test_xattr },
	{ "splice, tee, pipe", test_pipes },
	{ "read_multishot", test_multishot },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}

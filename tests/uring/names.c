/* SPDX-License-Identifier: MIT */
/* Tests operations on file names and attributes. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "ring.h"

static int dir_fd;

static struct uring *open_ring_and_dir(void)
{
	struct uring *ring = open_ring(8);

	dir_fd = open(temp_dir(), O_RDONLY | O_DIRECTORY);
	check(dir_fd >= 0);
	return ring;
}

static int file_type(const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) ? -errno : (int)(st.st_mode & S_IFMT);
}

static void make_file(const char *name, const char *text)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT, 0600);

	check(fd >= 0);
	check_int(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void test_openat(void)
{
	struct uring *ring = open_ring_and_dir();
	struct stat st;
	int fd;

	umask(022);
	fd = run(ring, uring_openat(ring, 5, dir_fd, "new", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
				    0640));
	check(fd >= 0);
	check_int(fstat(fd, &st), 0);
	check_int(st.st_mode & 07777, 0640);
	check_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
	check_int(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	check_int(run(ring, uring_openat(ring, 5, dir_fd, "new", O_RDWR | O_CREAT | O_EXCL, 0)),
		  -EEXIST);
	check_int(run(ring, uring_openat(ring, 5, dir_fd, "none", O_RDONLY, 0)), -ENOENT);
}

static void test_openat_direct(void)
{
	struct uring *ring = open_ring_and_dir();
	char text[8] = "";
	int slot;

	make_file("file", "direct");
	need_registrations(ring);
	check_int(uring_register_files_sparse(ring, 4), 0);
	check_int(run(ring, uring_openat_direct(ring, 5, dir_fd, "file", O_RDONLY, 0, 2)), 0);
	check_int(run(ring, uring_fixed_file(uring_read(ring, 5, 0, text, 8, 0), 2)), 6);
	check(!memcmp(text, "direct", 6));
	/* The kernel picks a free slot. */
	slot = run(ring, uring_openat_direct(ring, 5, dir_fd, "file", O_RDONLY, 0,
					     URING_FILE_INDEX_ALLOC));
	check(slot >= 0 && slot < 4 && slot != 2);
	check_int(run(ring, uring_fixed_file(uring_read(ring, 5, 0, text, 8, 2), slot)), 4);
	check_int(run(ring, uring_openat_direct(ring, 5, dir_fd, "file", O_RDONLY, 0, 4)),
		  -EINVAL);
	check_int(run(ring, uring_openat_direct(ring, 5, dir_fd, "file", O_CLOEXEC, 0, 1)),
		  -EINVAL);
	check(uring_fixed_file(NULL, 3) == NULL);
}

static void test_openat2(void)
{
	struct uring_open_how how = { .flags = O_RDONLY, .resolve = 0x08 /* RESOLVE_BENEATH */ };
	struct uring *ring = open_ring_and_dir();
	char text[8] = "";
	int fd;

	make_file("file", "second");
	fd = run(ring, uring_openat2(ring, 5, dir_fd, "file", &how));
	check(fd >= 0);
	check_int(read(fd, text, 8), 6);
	check(!memcmp(text, "second", 6));
	check_int(run(ring, uring_openat2(ring, 5, dir_fd, "../etc", &how)), -EXDEV);
	need_registrations(ring);
	check_int(uring_register_files_sparse(ring, 2), 0);
	check_int(run(ring, uring_openat2_direct(ring, 5, dir_fd, "file", &how, 1)), 0);
	check_int(run(ring, uring_fixed_file(uring_read(ring, 5, 0, text, 8, 3), 1)), 3);
	check(!memcmp(text, "ond", 3));
}

static void test_close(void)
{
	struct uring *ring = open_ring_and_dir();
	int fd = dup(0);
	char c = 0;

	check_int(run(ring, uring_close(ring, 5, fd)), 0);
	check_int(fcntl(fd, F_GETFD), -1);
	check_int(run(ring, uring_close(ring, 5, fd)), -EBADF);

	make_file("file", "x");
	need_registrations(ring);
	check_int(uring_register_files_sparse(ring, 2), 0);
	check_int(run(ring, uring_openat_direct(ring, 5, dir_fd, "file", O_RDONLY, 0, 1)), 0);
	check_int(run(ring, uring_fixed_file(uring_read(ring, 5, 0, &c, 1, 0), 1)), 1);
	check_int(run(ring, uring_close_direct(ring, 5, 1)), 0);
	check_int(run(ring, uring_fixed_file(uring_read(ring, 5, 0, &c, 1, 0), 1)), -EBADF);
	check_int(run(ring, uring_close_direct(ring, 5, 1)), -EBADF);
}

static void test_statx(void)
{
	struct uring *ring = open_ring_and_dir();
	struct statx stx;

	make_file("file", "12345");
	memset(&stx, 0, sizeof(stx));
	check_int(run(ring, uring_statx(ring, 5, dir_fd, "file", 0, STATX_BASIC_STATS, &stx)), 0);
	check_int(stx.stx_size, 5);
	check_int(stx.stx_mode & S_IFMT, S_IFREG);
	check_int(run(ring, uring_statx(ring, 5, dir_fd, "", AT_EMPTY_PATH, STATX_TYPE, &stx)), 0);
	check_int(stx.stx_mode & S_IFMT, S_IFDIR);
	check_int(run(ring, uring_statx(ring, 5, dir_fd, "none", 0, STATX_TYPE, &stx)), -ENOENT);
}

static void test_renameat(void)
{
	struct uring *ring = open_ring_and_dir();

	make_file("a", "a");
	make_file("b", "b");
	check_int(run(ring, uring_renameat(ring, 5, dir_fd, "a", dir_fd, "b", 1 /* NOREPLACE */)),
		  -EEXIST);
	check_int(run(ring, uring_renameat(ring, 5, dir_fd, "a", dir_fd, "c", 0)), 0);
	check_int(file_type("a"), -ENOENT);
	check_int(file_type("c"), S_IFREG);
}

static void test_unlinkat(void)
{
	struct uring *ring = open_ring_and_dir();

	make_file("a", "a");
	check_int(mkdirat(dir_fd, "d", 0700), 0);
	check_int(run(ring, uring_unlinkat(ring, 5, dir_fd, "a", 0)), 0);
	check_int(file_type("a"), -ENOENT);
	check_int(run(ring, uring_unlinkat(ring, 5, dir_fd, "d", 0)), -EISDIR);
	check_int(run(ring, uring_unlinkat(ring, 5, dir_fd, "d", AT_REMOVEDIR)), 0);
	check_int(file_type("d"), -ENOENT);
}

static void test_mkdirat(void)
{
	struct uring *ring = open_ring_and_dir();
	struct stat st;

	umask(0);
	check_int(run(ring, uring_mkdirat(ring, 5, dir_fd, "d", 0750)), 0);
	check_int(fstatat(dir_fd, "d", &st, 0), 0);
	check_int(st.st_mode, S_IFDIR | 0750);
	check_int(run(ring, uring_mkdirat(ring, 5, dir_fd, "d", 0750)), -EEXIST);
}

static void test_symlinkat(void)
{
	struct uring *ring = open_ring_and_dir();
	char text[16] = "";

	check_int(run(ring, uring_symlinkat(ring, 5, "to/there", dir_fd, "link")), 0);
	check_int(readlinkat(dir_fd, "link", text, sizeof(text)), 8);
	check(!memcmp(text, "to/there", 8));
}

static void test_linkat(void)
{
	struct uring *ring = open_ring_and_dir();
	struct stat a, b;

	make_file("a", "a");
	check_int(symlinkat("a", dir_fd, "s"), 0);
	check_int(run(ring, uring_linkat(ring, 5, dir_fd, "a", dir_fd, "b", 0)), 0);
	check_int(fstatat(dir_fd, "a", &a, 0), 0);
	check_int(fstatat(dir_fd, "b", &b, 0), 0);
	check_int(a.st_ino, b.st_ino);
	check_int(run(ring, uring_linkat(ring, 5, dir_fd, "s", dir_fd, "c", AT_SYMLINK_FOLLOW)), 0);
	check_int(file_type("c"), S_IFREG);
}

static void need_xattr(int fd)
{
	if (fsetxattr(fd, "user.probe", "1", 1, 0) && errno == EOPNOTSUPP)
		skip("the file system of %s has no user attributes", temp_dir());
}

static void test_xattr(void)
{
	struct uring *ring = open_ring_and_dir();
	char path[4200], value[16] = "";
	int fd;

	make_file("file", "");
	snprintf(path, sizeof(path), "%s/file", temp_dir());
	fd = open(path, O_RDWR);
	need_xattr(fd);
	check_int(run(ring, uring_setxattr(ring, 5, path, "user.a", "one", 3, 0)), 0);
	check_int(fgetxattr(fd, "user.a", value, sizeof(value)), 3);
	check(!memcmp(value, "one", 3));
	check_int(run(ring, uring_setxattr(ring, 5, path, "user.a", "two", 3, XATTR_CREATE)),
		  -EEXIST);
	memset(value, 0, sizeof(value));
	check_int(run(ring, uring_getxattr(ring, 5, path, "user.a", value, sizeof(value))), 3);
	check(!memcmp(value, "one", 3));
	check_int(run(ring, uring_getxattr(ring, 5, path, "user.none", value, 16)), -ENODATA);
}

static void test_fxattr(void)
{
	struct uring *ring = open_ring_and_dir();
	char value[16] = "";
	int fd;

	make_file("file", "");
	fd = openat(dir_fd, "file", O_RDWR);
	need_xattr(fd);
	check_int(run(ring, uring_fsetxattr(ring, 5, fd, "user.b", "three", 5, 0)), 0);
	check_int(fgetxattr(fd, "user.b", value, sizeof(value)), 5);
	check(!memcmp(value, "three", 5));
	memset(value, 0, sizeof(value));
	check_int(run(ring, uring_fgetxattr(ring, 5, fd, "user.b", value, sizeof(value))), 5);
	check(!memcmp(value, "three", 5));
	check_int(run(ring, uring_fgetxattr(ring, 5, fd, "user.b", value, 2)), -ERANGE);
}

static const struct test tests[] = {
	{ "uring_openat", test_openat },
	{ "uring_openat_direct, uring_fixed_file", test_openat_direct },
	{ "uring_openat2, uring_openat2_direct", test_openat2 },
	{ "uring_close, uring_close_direct", test_close },
	{ "uring_statx", test_statx },
	{ "uring_renameat", test_renameat },
	{ "uring_unlinkat", test_unlinkat },
	{ "uring_mkdirat", test_mkdirat },
	{ "uring_symlinkat", test_symlinkat },
	{ "uring_linkat", test_linkat },
	{ "uring_setxattr, uring_getxattr", test_xattr },
	{ "uring_fsetxattr, uring_fgetxattr", test_fxattr },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}

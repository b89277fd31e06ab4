/* SPDX-License-Identifier: MIT */
/* Effects of calls on file names and attributes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include "effects.h"

enum { PAGE = 4096 };

/* Prints the type, mode, links and size of a name, and if it is the same file as ino. */
static void look(const char *call, const char *name, ino_t ino)
{
	char effect[64];
	struct stat st;
	long ret = raw6(SYS_newfstatat, AT_FDCWD, (long)name, (long)&st, AT_SYMLINK_NOFOLLOW, 0, 0);

	snprintf(effect, sizeof(effect), "name %s", name);
	if (ret)
		saw(call, effect, "none");
	else
		saw(call, effect, "mode %o links %lu size %ld owner %d same %d", st.st_mode,
		    S_ISDIR(st.st_mode) ? 0 : (unsigned long)st.st_nlink,
		    S_ISDIR(st.st_mode) ? 0 : (long)st.st_size, (int)st.st_uid, st.st_ino == ino);
}

static ino_t new_file(const char *name)
{
	struct stat st;
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0640);

	need(fd >= 0 && raw_write(fd, "0123456789", 10) == 10, name);
	raw3(SYS_fstat, fd, (long)&st, 0);
	close(fd);
	return st.st_ino;
}

void names(void)
{
	ino_t ino = new_file("a");
	int dir = open(".", O_RDONLY | O_DIRECTORY);

	umask(022);
#define NAMES(name_, call_, from, to) \
	saw(#name_, "result", "%s", result(call_)); \
	look(#name_, from, ino); \
	look(#name_, to, ino)
	NAMES(rename, rename("a", "b"), "a", "b");
	NAMES(renameat, renameat(dir, "b", AT_FDCWD, "c"), "b", "c");
	new_file("d");
	NAMES(renameat2, renameat2(dir, "c", dir, "d", RENAME_EXCHANGE), "c", "d");
	NAMES(renameat2, renameat2(dir, "d", dir, "c", RENAME_NOREPLACE), "c", "d");
	NAMES(link, link("d", "e"), "d", "e");
	NAMES(linkat, linkat(dir, "e", dir, "f", 0), "e", "f");
	NAMES(unlink, unlink("e"), "d", "e");
	NAMES(unlinkat, unlinkat(dir, "f", 0), "d", "f");
	NAMES(symlink, symlink("d", "g"), "d", "g");
	NAMES(symlinkat, symlinkat("d", dir, "h"), "d", "h");
	NAMES(mkdir, mkdir("i", 0777), "i", "d");
	NAMES(mkdirat, mkdirat(dir, "j", 0750), "j", "d");
	NAMES(unlinkat, unlinkat(dir, "j", AT_REMOVEDIR), "j", "d");
#undef NAMES
	close(dir);
}

static void sizes(void)
{
	struct stat st;
	int fd = open("sizes", O_RDWR | O_CREAT | O_TRUNC, 0600);

#define SIZE(name_, call_) do { \
	int ret_ = (int)(call_); \
	raw3(SYS_fstat, fd, (long)&st, 0); \
	saw(#name_, "size", "%s size %ld blocks %ld", result(ret_), (long)st.st_size, (long)st.st_blocks); \
} while (0)
	SIZE(ftruncate, ftruncate(fd, 100000));
	SIZE(fallocate, fallocate(fd, 0, 8 * PAGE, 4 * PAGE));
	SIZE(fallocate, fallocate(fd, FALLOC_FL_KEEP_SIZE, 40 * PAGE, 4 * PAGE));
	SIZE(fallocate, fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 8 * PAGE, 2 * PAGE));
	SIZE(posix_fallocate, posix_fallocate(fd, 60 * PAGE, 2 * PAGE));
	SIZE(ftruncate, ftruncate(fd, 10));
#undef SIZE
	close(fd);
}

static long in_memory(int fd)
{
	unsigned char vec[16];
	void *map = mmap(NULL, 16 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	long count = 0;

	need(map != MAP_FAILED && !mincore(map, 16 * PAGE, vec), "mincore");
	for (int i = 0; i < 16; i++)
		count += vec[i] & 1;
	munmap(map, 16 * PAGE);
	return count;
}

static void advice(void)
{
	static char zeros[16 * PAGE];
	int fd = open("advice", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char vec[2];
	int ret;

	need(raw_write(fd, zeros, sizeof(zeros)) == sizeof(zeros), "write");
	raw3(SYS_fsync, fd, 0, 0);
	ret = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	saw("posix_fadvise", "cached pages", "%d %ld", ret, in_memory(fd));
	memset(map, 1, 2 * PAGE);
	ret = madvise(map + PAGE, PAGE, MADV_DONTNEED);
	mincore(map, 2 * PAGE, vec);
	saw("madvise", "memory", "%s %d %d, %d %d", result(ret), vec[0] & 1, vec[1] & 1, map[0], map[PAGE]);
	close(fd);
}

static void show_value(const char *call, const char *file, const char *key)
{
	char value[64] = "";
	long ret = raw6(SYS_getxattr, (long)file, (long)key, (long)value, sizeof(value), 0, 0);

	saw(call, "attribute", "%ld %s", ret, value);
}

static void extended(void)
{
	char value[16] = "";
	int fd;
	long ret;

	new_file("extended");
	fd = open("extended", O_RDWR);
	saw("setxattr", "result", "%s", result(setxattr("extended", "user.a", "one", 3, 0)));
	show_value("setxattr", "extended", "user.a");
	saw("fsetxattr", "result", "%s", result(fsetxattr(fd, "user.b", "two!", 4, XATTR_CREATE)));
	show_value("fsetxattr", "extended", "user.b");
	saw("lsetxattr", "result", "%s", result(lsetxattr("extended", "user.a", "three", 5, XATTR_REPLACE)));
	show_value("lsetxattr", "extended", "user.a");
	ret = getxattr("extended", "user.a", value, sizeof(value));
	saw("getxattr", "buffer", "%s %s", result(ret), value);
	ret = fgetxattr(fd, "user.b", value, 2);
	saw("fgetxattr", "buffer", "%s %s", result(ret), value);
	ret = lgetxattr("extended", "user.b", value, sizeof(value));
	saw("lgetxattr", "buffer", "%s %.4s", result(ret), value);
	close(fd);
}

/* A stat of a file must not change its times. */
static void stats(void)
{
	struct statx statx_ = { 0 };
	struct stat st, before, after;
	int fd;

	new_file("looked-at");
	fd = open("looked-at", O_RDONLY);
	symlink("looked-at", "link");
	raw3(SYS_fstat, fd, (long)&before, 0);
#define LOOK(name_, call_) do { \
	long ret_ = (memset(&st, 0, sizeof(st)), (call_)); \
	raw3(SYS_fstat, fd, (long)&after, 0); \
	saw(#name_, "file", "%s mode %o size %ld, untouched %d", result(ret_), st.st_mode, (long)st.st_size, \
	    !memcmp(&before, &after, sizeof(before))); \
} while (0)
	LOOK(stat, stat("link", &st));
	LOOK(lstat, lstat("link", &st));
	LOOK(fstat, fstat(fd, &st));
	LOOK(fstatat, fstatat(AT_FDCWD, "link", &st, 0));
	LOOK(statx, statx(AT_FDCWD, "link", 0, STATX_SIZE | STATX_MODE, &statx_));
	saw("statx", "buffer", "mode %o size %ld", statx_.stx_mode, (long)statx_.stx_size);
#undef LOOK
	close(fd);
}

void attributes(void)
{
	sizes();
	advice();
	extended();
	stats();
}

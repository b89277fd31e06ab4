/* SPDX-License-Identifier: MIT */
/* Effects of calls that move or sync file data: contents, size, times, cached and dirty pages. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include "effects.h"

enum { PAGE = 4096, LEN = 32 * PAGE, CACHESTAT = 451 };

static char data[LEN] __attribute__((aligned(PAGE)));

struct range {
	uint64_t offset, len;
};

struct cached {
	uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/* Counts the pages of the range that are cached and not on disk; -1 if the kernel cannot tell. */
static void pages(int fd, uint64_t offset, uint64_t len, long *cached, long *dirty)
{
	struct range range = { offset, len };
	struct cached found = { 0 };

	*cached = *dirty = -1;
	if (raw6(CACHESTAT, fd, (long)&range, (long)&found, 0, 0, 0))
		return;
	*cached = (long)found.cached;
	*dirty = (long)(found.dirty + found.writeback);
}

static struct stat status(int fd)
{
	struct stat st;

	need(raw3(SYS_fstat, fd, (long)&st, 0) == 0, "fstat");
	return st;
}

/* Makes a file of LEN bytes that is on disk and has times in the past. */
static int clean_file(const char *name, int flags)
{
	const struct timespec past[2] = { { 1000000000, 0 }, { 1000000001, 0 } };
	int fd = open(name, flags | O_CREAT, 0600);

	pattern(data, LEN, 7);
	need(fd >= 0 && raw6(SYS_pwrite64, fd, (long)data, LEN, 0, 0, 0) == LEN, name);
	raw3(SYS_fsync, fd, 0, 0);
	raw6(SYS_utimensat, fd, 0, (long)past, 0, 0, 0);
	return fd;
}

static unsigned long contents(int fd)
{
	static char all[4 * LEN] __attribute__((aligned(PAGE)));
	long got = raw6(SYS_pread64, fd, (long)all, sizeof(all), 0, 0, 0);

	return sum(all, got < 0 ? 0 : (size_t)got);
}

/* Prints the effects of a call on the file. */
static void look(const char *call, const char *on, int fd, long ret)
{
	struct stat st = status(fd);
	char effect[64];

	snprintf(effect, sizeof(effect), "file %s", on);
	saw(call, effect, "%s position %ld size %ld read %d written %d changed %d contents %lx",
	    result(ret), raw3(SYS_lseek, fd, 0, SEEK_CUR), (long)st.st_size, st.st_atime != 1000000000,
	    st.st_mtime != 1000000001, st.st_ctime > 1000000001, contents(fd));
}

static void one_file(const char *on, const char *name, int flags)
{
	char buf[3 * PAGE] __attribute__((aligned(PAGE)));
	struct iovec iov[2] = { { buf, 2 * PAGE }, { buf + 2 * PAGE, PAGE } };
	int fd;
	long ret;

#define ON(name_, call_) \
	fd = clean_file(name, flags); \
	raw3(SYS_lseek, fd, 2 * PAGE, SEEK_SET); \
	pattern(buf, sizeof(buf), 11); \
	ret = (call_); \
	look(#name_, on, fd, ret); \
	saw(#name_, on, "buffer %lx", sum(buf, sizeof(buf))); \
	close(fd); \
	unlink(name)
	ON(read, read(fd, buf, PAGE));
	ON(write, write(fd, buf, PAGE));
	ON(pread, pread(fd, buf, PAGE, 4 * PAGE));
	ON(pwrite, pwrite(fd, buf, PAGE, 40 * PAGE));
	ON(readv, readv(fd, iov, 2));
	ON(writev, writev(fd, iov, 2));
	ON(preadv, preadv(fd, iov, 2, 30 * PAGE));
	ON(pwritev, pwritev(fd, iov, 2, 30 * PAGE));
	ON(preadv2, preadv2(fd, iov, 2, -1, 0));
	ON(pwritev2, pwritev2(fd, iov, 2, -1, 0));
	/* At the end of the file nothing is read, so nothing must be written back. */
	ON(read, (raw3(SYS_lseek, fd, LEN, SEEK_SET), read(fd, buf, PAGE)));
	ON(pread, pread(fd, buf, PAGE, LEN + PAGE));
	ON(write, write(fd, buf, 0));
	ON(pwritev2, pwritev2(fd, iov, 2, 0, RWF_APPEND));
#undef ON
}

/* Tests the dirty pages after a write: how many are under writeback, and that a flag syncs them. */
static void dirties(void)
{
	struct iovec iov = { data, 8 * PAGE };
	int fd = clean_file("dirty", O_RDWR);
	long cached, dirty;

#define DIRTY(name_, call_) \
	raw3(SYS_fsync, fd, 0, 0); \
	call_; \
	pages(fd, 0, 0, &cached, &dirty); \
	saw(#name_, "dirty pages", "%s", dirty > 0 ? "some" : dirty ? "unknown" : "none")
	DIRTY(write, write(fd, data, 8 * PAGE));
	DIRTY(pwrite, pwrite(fd, data, 8 * PAGE, 0));
	DIRTY(writev, writev(fd, &iov, 1));
	DIRTY(pwritev, pwritev(fd, &iov, 1, 0));
	DIRTY(pwritev2, pwritev2(fd, &iov, 1, 0, 0));
	DIRTY(pwritev2, pwritev2(fd, &iov, 1, 0, RWF_DSYNC));
	DIRTY(pwritev2, pwritev2(fd, &iov, 1, 0, RWF_SYNC));
#undef DIRTY
	close(fd);
	fd = open("dirty", O_WRONLY | O_DSYNC);
	write(fd, data, 8 * PAGE);
	pages(fd, 0, 0, &cached, &dirty);
	saw("write", "dirty pages, O_DSYNC", "%ld", dirty);
	close(fd);
}

void transfers(void)
{
	one_file("disk", "file", O_RDWR);
	one_file("append", "file", O_RDWR | O_APPEND);
	one_file("uncached", "file", O_RDWR | O_DIRECT);
	one_file("tmpfs", "/dev/shm/ringshim-effects", O_RDWR);
	dirties();
}

/* Several large parts of the page cache, each of which is written back as a whole. */
enum { PARTS = 16, PART = 1 << 20 };

static void write_all(int fd)
{
	static char part[PART];

	pattern(part, PART, 9);
	for (int i = 0; i < PARTS; i++)
		need(raw6(SYS_pwrite64, fd, (long)part, PART, (long)i * PART, 0, 0) == PART, "pwrite");
}

static void range_synced(int fd)
{
	const unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
			       SYNC_FILE_RANGE_WAIT_AFTER;
	long cached, dirty;

	saw("sync_file_range", "result", "%s", result(sync_file_range(fd, 8 * PART, 2 * PART, flags)));
	for (int i = 0; i < PARTS; i++) {
		pages(fd, (uint64_t)i * PART, PART, &cached, &dirty);
		/* The kernel can also write back other pages whenever it likes. */
		if (i == 8 || i == 9)
			saw("sync_file_range", "dirty pages", "part %d: %ld", i, dirty);
	}
}

void syncs(void)
{
	int fd = open("synced", O_RDWR | O_CREAT | O_TRUNC, 0600);
	long cached, dirty, ret;

	write_all(fd);
	ret = fsync(fd);
	pages(fd, 0, 0, &cached, &dirty);
	saw("fsync", "dirty pages", "%s %ld", result(ret), dirty);
	write_all(fd);
	ret = fdatasync(fd);
	pages(fd, 0, 0, &cached, &dirty);
	saw("fdatasync", "dirty pages", "%s %ld", result(ret), dirty);
	write_all(fd);
	range_synced(fd);
	ret = sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
	pages(fd, 0, 0, &cached, &dirty);
	saw("sync_file_range", "dirty pages of all", "%s %ld", result(ret), dirty);
	close(fd);
}

/* SPDX-License-Identifier: MIT */
/*
 * Notices what the program does with files: functions that make the native call, see how long it
 * took, and tell the helper. They stand in next_table in place of libc's. A call that is answered
 * from the caches is only told while the helper is active.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include "shim/ahead/ahead.h"
#include "shim/ahead/notice/directories.h"
#include "shim/ahead/notice/natives.h"
#include "shim/ahead/events.h"
#include "shim/ahead/process.h"
#include "shim/ahead/notice/sequence.h"
#include "shim/ahead/start/start-log.h"
#include "shim/ahead/notice/tell.h"
#include "shim/ahead/sync/sync-log.h"
#include "shim/ahead/sync/sync-notice.h"
#include "shim/base/clock.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"
#include "shim/ring/thread.h"
#include "shim/route/route-auto.h"
#include "shim/route/stats-report.h"

struct next notice_natives;

/* When a call began. The clock is only asked where syncs are answered. */
static inline struct moment begin_now(void)
{
	return (struct moment){ ticks_now(), unlikely(sync_log != NULL) ? monotonic_now() : 0 };
}

/*
 * Returns true if a call that began then has waited for a disk: on a cached file it takes a few
 * microseconds, from a disk 60 or more. Processors can count from different starts.
 */
static inline bool is_long_ago(struct moment begin)
{
	int64_t ticks = (int64_t)(ticks_now() - begin.ticks);

	return unlikely(ticks > TICKS_IN_40_US) && ticks_are_long((uint64_t)ticks);
}

/* How many calls in a row have not waited; an estimate when several threads make them. */
static unsigned fast_calls;

/* Tells the helper of a call that began at begin, if it has to know. Keeps errno. */
static inline void notice(enum event_kind kind, int dir, const char *path, struct moment begin)
{
	bool is_slow = is_long_ago(begin);

	tell_calls++;
	fast_calls = is_slow ? 0 : fast_calls + 1;
	if (unlikely(is_slow || atomic_load_explicit(&ahead->active, memory_order_relaxed)))
		tell_helper(kind, dir, path, is_slow);
}

/* Returns true if an open with these flags only reads what is there. */
static bool is_read(int flags)
{
	return (flags & (O_ACCMODE | O_CREAT | O_TRUNC | O_PATH)) == O_RDONLY;
}

/*
 * The file that was opened last and not read yet. Its open can be fast, because its inode came with
 * others, and its first read slow.
 */
static struct {
	_Atomic int fd; /* -1: none */
	int dir;
	char path[256];
} unread = { .fd = -1 };

static void remember_unread(int fd, int dir, const char *path)
{
	atomic_store_explicit(&unread.fd, -1, memory_order_relaxed);
	unread.dir = dir;
	if (memccpy(unread.path, path, '\0', sizeof(unread.path)))
		atomic_store_explicit(&unread.fd, fd, memory_order_release);
}

/* Notes that a file or directory was opened to be read. */
static void note_read_open(int dir, const char *path, struct moment begin)
{
	if (unlikely(start_log_is_open()))
		start_log_add(dir, path);
	notice(EVENT_OPEN, dir, path, begin);
}

static void note_sync_open(int fd, int dir, const char *path, bool is_written, struct moment begin)
{
	if (unlikely(sync_log != NULL))
		sync_log_note_open(fd, dir, path, is_written, begin.ns);
}

static int note_open(int dir, const char *path, int flags, struct moment begin, int fd)
{
	sequence_note_open(fd);
	note_sync_open(fd, dir, path, (flags & O_ACCMODE) != O_RDONLY, begin);
	if (fd < 0)
		return fd;
	if (flags & O_DIRECTORY)
		directory_note_open(fd, dir, path);
	else
		directory_forget(fd);
	if (!is_read(flags))
		return fd;
	note_read_open(dir, path, begin);
	if (!atomic_load_explicit(&ahead->active, memory_order_relaxed))
		remember_unread(fd, dir, path);
	return fd;
}

static ssize_t read_first(int fd, void *buf, size_t count)
{
	struct moment begin = begin_now();
	ssize_t ret = notice_natives.read(fd, buf, count);

	atomic_store_explicit(&unread.fd, -1, memory_order_relaxed);
	if (is_long_ago(begin))
		tell_helper(EVENT_OPEN, unread.dir, unread.path, true);
	return ret;
}

static ssize_t notice_read(int fd, void *buf, size_t count)
{
	ssize_t ret;

	if (unlikely(fd == atomic_load_explicit(&unread.fd, memory_order_relaxed)))
		ret = read_first(fd, buf, count);
	else
		ret = notice_natives.read(fd, buf, count);
	sequence_note_read(fd, ret, -1);
	return ret;
}

static ssize_t notice_pread(int fd, void *buf, size_t count, off_t offset)
{
	ssize_t ret = notice_natives.pread(fd, buf, count, offset);

	sequence_note_read(fd, ret, offset + ret);
	return ret;
}

static int notice_open(const char *path, int flags, mode_t mode)
{
	struct moment begin = begin_now();

	return note_open(AT_FDCWD, path, flags, begin, notice_natives.open(path, flags, mode));
}

static int notice_open_2(const char *path, int flags)
{
	struct moment begin = begin_now();

	return note_open(AT_FDCWD, path, flags, begin, notice_natives.__open_2(path, flags));
}

static int notice_openat(int dir, const char *path, int flags, mode_t mode)
{
	struct moment begin = begin_now();

	return note_open(dir, path, flags, begin, notice_natives.openat(dir, path, flags, mode));
}

static int notice_openat_2(int dir, const char *path, int flags)
{
	struct moment begin = begin_now();

	return note_open(dir, path, flags, begin, notice_natives.__openat_2(dir, path, flags));
}

static DIR *notice_opendir(const char *path)
{
	struct moment begin = begin_now();
	DIR *dir = notice_natives.opendir(path);

	if (!dir)
		return NULL;
	directory_note_open(dirfd(dir), AT_FDCWD, path);
	note_read_open(AT_FDCWD, path, begin);
	return dir;
}

static FILE *notice_fopen(const char *path, const char *mode)
{
	struct moment begin = begin_now();
	FILE *file = notice_natives.fopen(path, mode);

	if (!file)
		return NULL;
	sequence_note_open(file->_fileno);
	note_sync_open(file->_fileno, AT_FDCWD, path, mode[0] != 'r' || strchr(mode, '+'), begin);
	if (mode[0] == 'r')
		note_read_open(AT_FDCWD, path, begin);
	return file;
}

enum { FAST_IN_ROW = 64, STATS_TO_ONE_TIMED = 8 };

/*
 * Returns true if a question for attributes need not be timed. Where all is cached it takes so little
 * that the two readings of the counter show, and so does a return to here: then one in eight is timed.
 */
static inline bool is_untimed_stat(void)
{
	static unsigned stats;

	if (fast_calls < FAST_IN_ROW || stats++ % STATS_TO_ONE_TIMED == 0 ||
	    atomic_load_explicit(&ahead->active, memory_order_relaxed))
		return false;
	tell_calls++;
	return true;
}

static int note_stat(int dir, const char *path, struct moment begin, int ret)
{
	if (!ret)
		notice(EVENT_STAT, dir, path, begin);
	return ret;
}

static int notice_stat(const char *path, struct stat *st)
{
	struct moment begin;

	if (is_untimed_stat())
		return notice_natives.stat(path, st);
	begin = begin_now();
	return note_stat(AT_FDCWD, path, begin, notice_natives.stat(path, st));
}

static int notice_lstat(const char *path, struct stat *st)
{
	struct moment begin;

	if (is_untimed_stat())
		return notice_natives.lstat(path, st);
	begin = begin_now();
	return note_stat(AT_FDCWD, path, begin, notice_natives.lstat(path, st));
}

static int notice_fstatat(int dir, const char *path, struct stat *st, int flags)
{
	struct moment begin;

	if (is_untimed_stat())
		return notice_natives.fstatat(dir, path, st, flags);
	begin = begin_now();
	return note_stat(dir, path, begin, notice_natives.fstatat(dir, path, st, flags));
}

static int notice_xstat(int version, const char *path, struct stat *st)
{
	struct moment begin;

	if (is_untimed_stat())
		return notice_natives.__xstat(version, path, st);
	begin = begin_now();
	return note_stat(AT_FDCWD, path, begin, notice_natives.__xstat(version, path, st));
}

static int notice_lxstat(int version, const char *path, struct stat *st)
{
	struct moment begin;

	if (is_untimed_stat())
		return notice_natives.__lxstat(version, path, st);
	begin = begin_now();
	return note_stat(AT_FDCWD, path, begin, notice_natives.__lxstat(version, path, st));
}

static int notice_fxstatat(int version, int dir, const char *path, struct stat *st, int flags)
{
	struct moment begin;

	if (is_untimed_stat())
		return notice_natives.__fxstatat(version, dir, path, st, flags);
	begin = begin_now();
	return note_stat(dir, path, begin,
			 notice_natives.__fxstatat(version, dir, path, st, flags));
}

static int notice_statx(int dir, const char *path, int flags, unsigned mask, struct statx *st)
{
	struct moment begin;

	/* Without a path it is a call on an open file. */
	if (!path || is_untimed_stat())
		return notice_natives.statx(dir, path, flags, mask, st);
	begin = begin_now();
	return note_stat(dir, path, begin, notice_natives.statx(dir, path, flags, mask, st));
}

/* Notes the call that syscall(2) made, if it is one of those above. */
static void note_call(long nr, const long a[6], struct moment begin, long ret)
{
	const char *path = (const char *)a[1];

	switch (nr) {
#ifdef SYS_open
	case SYS_open:
		note_open(AT_FDCWD, (const char *)a[0], (int)a[1], begin, (int)ret);
		break;
#endif
	case SYS_openat:
		note_open((int)a[0], path, (int)a[2], begin, (int)ret);
		break;
	case SYS_newfstatat:
	case SYS_statx:
		if (path)
			note_stat((int)a[0], path, begin, (int)ret);
		break;
	}
}

static long notice_syscall(long nr, ...)
{
	struct moment begin = begin_now();
	long a[6], ret;
	va_list args;

	va_start(args, nr);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	ret = notice_natives.syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	note_call(nr, a, begin, ret);
	return ret;
}

static const struct stand_in notices[] = {
	STAND_IN(open, open, notice_open),
	STAND_IN(open64, open, notice_open),
	STAND_IN(__open, open, notice_open),
	STAND_IN(__open64, open, notice_open),
	STAND_IN(__open_2, __open_2, notice_open_2),
	STAND_IN(__open64_2, __open_2, notice_open_2),
	STAND_IN(openat, openat, notice_openat),
	STAND_IN(openat64, openat, notice_openat),
	STAND_IN(__openat_2, __openat_2, notice_openat_2),
	STAND_IN(__openat64_2, __openat_2, notice_openat_2),
	STAND_IN(read, read, notice_read),
	STAND_IN(__read, read, notice_read),
	STAND_IN(pread, pread, notice_pread),
	STAND_IN(pread64, pread, notice_pread),
	STAND_IN(__pread64, pread, notice_pread),
	STAND_IN(opendir, opendir, notice_opendir),
	STAND_IN(fopen, fopen, notice_fopen),
	STAND_IN(fopen64, fopen, notice_fopen),
	STAND_IN(stat, stat, notice_stat),
	STAND_IN(stat64, stat, notice_stat),
	STAND_IN(lstat, lstat, notice_lstat),
	STAND_IN(lstat64, lstat, notice_lstat),
	STAND_IN(fstatat, fstatat, notice_fstatat),
	STAND_IN(fstatat64, fstatat, notice_fstatat),
	STAND_IN(__xstat, __xstat, notice_xstat),
	STAND_IN(__xstat64, __xstat, notice_xstat),
	STAND_IN(__lxstat, __lxstat, notice_lxstat),
	STAND_IN(__lxstat64, __lxstat, notice_lxstat),
	STAND_IN(__fxstatat, __fxstatat, notice_fxstatat),
	STAND_IN(__fxstatat64, __fxstatat, notice_fxstatat),
	STAND_IN(statx, statx, notice_statx),
	STAND_IN(syscall, syscall, notice_syscall),
};

struct ahead *ahead;
struct arguments ahead_arguments;

/* The program can put other pointers in its argv, or NULL. */
static void keep_arguments(int argc, char **argv)
{
	size_t size = (size_t)argc * sizeof(*argv);
	char **list = argc > 0 ? sys_pages(size) : NULL;

	if (!list)
		return;
	memcpy(list, argv, size);
	ahead_arguments = (struct arguments){ argc, list };
}

/* Reads by ring would pass the functions above by. One at a time they gain nothing. */
static void watch_reads(void)
{
	sequence_start(ahead, settings.ahead.kinds & AHEAD_NETWORK);
	auto_expect_detour(CALL_read, FD_FILE);
	auto_expect_detour(CALL_pread, FD_FILE);
}

void ahead_note_stream_read(int fd, ssize_t got)
{
	sequence_note_read(fd, got, -1);
}

void ahead_begin(int argc, char **argv)
{
	if (!settings.participates)
		return;
	ahead = helper_memory();
	if (!ahead)
		return;
	ticks_start();
	keep_arguments(argc, argv);
	tell_start();
	if (settings.ahead.kinds & AHEAD_SEQUENCE)
		watch_reads();
	if (settings.ahead.kinds & AHEAD_START && start_log_begin() && helper_start(ahead))
		atomic_store(&ahead->active, true);
	if (settings.ahead.kinds & AHEAD_SYNC)
		sync_notices_put(ahead);
	stand_ins_put(notices, sizeof(notices) / sizeof(notices[0]), &notice_natives);
}

static void write_counts(void)
{
	static const char *const names[AHEAD_COUNTS] = {
		[AHEAD_FETCHED] = "fetched",   [AHEAD_USED] = "used",
		[AHEAD_LATE] = "late",	       [AHEAD_CACHED] = "cached",
		[AHEAD_UNUSED] = "unused",     [AHEAD_RANGES] = "ranges",
		[AHEAD_SYNCED] = "synced",     [AHEAD_PROVED] = "proved",
		[AHEAD_MISSED] = "missed",     [AHEAD_REFUSED] = "refused",
		[AHEAD_OLDER] = "older",       [AHEAD_CHANGED] = "changed",
		[AHEAD_RENAMED] = "renamed",   [AHEAD_SYNC_ERRORS] = "sync-errors",
		[AHEAD_REPORTED] = "reported",
	};
	uint64_t counts[AHEAD_COUNTS], any = 0;

	for (size_t i = 0; i < AHEAD_COUNTS; i++) {
		counts[i] = atomic_exchange(&ahead->counts[i], 0);
		any |= counts[i];
	}
	if (any)
		stats_append("ahead", names, counts, AHEAD_COUNTS);
}

void ahead_end(void)
{
	int saved = errno;

	if (!ahead || thread_is_vfork_child())
		return;
	helper_end(ahead);
	write_counts();
	errno = saved;
}

void ahead_forbid(void)
{
	if (!ahead || thread_is_vfork_child())
		return;
	atomic_store(&ahead->state, AHEAD_STOPPED);
	ahead_end();
}

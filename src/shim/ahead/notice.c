/* SPDX-License-Identifier: MIT */
/*
 * Notices what the program does with files: functions that make the native call, see how long it
 * took, and tell the helper. They stand in next_table in place of libc's. A call that is answered
 * from the caches is only told while the helper is active.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "shim/ahead/ahead.h"
#include "shim/ahead/directories.h"
#include "shim/ahead/events.h"
#include "shim/ahead/process.h"
#include "shim/ahead/sequence.h"
#include "shim/ahead/start-log.h"
#include "shim/base/clock.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"
#include "shim/ring/thread.h"
#include "shim/route/route-auto.h"
#include "shim/route/stats.h"
#include "shim/symbols/next-symbol.h"

/* A call on a cached file takes a few microseconds, a read from a disk 60 or more. */
static const int64_t slow_ns = 40 * 1000;

enum { FAST_BETWEEN = 8 };

/* What the thread had waited for when it was last looked at. */
static _Thread_local long waited_before;

/*
 * Returns what the thread has waited for: blocks that it has read from disks or, where network file
 * systems count, how often it has slept.
 */
static long count_waits(void)
{
	struct rusage usage;

	if (sys2(SYS_getrusage, RUSAGE_THREAD, (long)&usage))
		return 0;
	return settings.ahead.kinds & AHEAD_NETWORK ? usage.ru_nvcsw : usage.ru_inblock;
}

/* Returns true if the thread has waited since this was last called. Else something else ran. */
static bool has_waited(void)
{
	long waited = count_waits();
	bool has = waited != waited_before;

	waited_before = waited;
	return has;
}

static struct ahead *ahead EARLY;

/* The functions that ours stand in front of. */
static struct next native;

/* The directory part of the last slow call: two in the same directory start the helper. */
struct place {
	int dir;
	uint32_t hash;
	uint8_t kind;
};

static uint32_t hash_on(uint32_t hash, const char *from, const char *to)
{
	for (; from < to; from++)
		hash = (hash ^ (unsigned char)*from) * 16777619;
	return hash;
}

static struct place place_of(const struct event *event, const char *above, const char *path)
{
	struct place place = { event->dir, 2166136261u, event->kind };
	const char *slash = strrchr(path, '/');

	if (above)
		place.hash = hash_on(place.hash, above, above + strlen(above));
	if (slash)
		place.hash = hash_on(place.hash, path, slash);
	return place;
}

static bool is_argument(const char *path)
{
	/* Looked for from the last one on, because they come in their order. */
	static int last;

	for (int i = 0; i < ahead_arguments.count; i++) {
		int index = (last + i) % ahead_arguments.count;

		if (index && !strcmp(ahead_arguments.list[index], path)) {
			last = index;
			return true;
		}
	}
	return false;
}

/* Calls that were noticed so far; an estimate when several threads make them. */
static unsigned calls;

/*
 * Returns true if this slow call is the second in turn at the same place, or of an argument. Now
 * and then a call is slow because something else ran in between: so the two may have few fast ones
 * between them.
 */
static bool is_second(const struct event *event, const char *above, const char *path)
{
	static struct place last;
	static unsigned last_call;
	struct place place = place_of(event, above, path);
	unsigned call = calls, since = call - last_call;
	bool is_same;

	if (event->is_argument)
		place = (struct place){ .dir = INT_MIN };
	is_same = place.dir == last.dir && place.hash == last.hash && since <= FAST_BETWEEN;
	last = place;
	last_call = call;
	return is_same;
}

/*
 * Returns true if an event is to be told while the helper is not active. It then becomes active;
 * but if it was in vain the last times, only a later one makes it so.
 */
static bool begins(const struct event *event, const char *above, const char *path)
{
	bool is_start;

	if (!event->slow || !has_waited())
		return false;
	is_start = start_log_is_slow();
	if (!is_second(event, above, path) && !is_start)
		return false;
	if (atomic_load(&ahead->ignored) > 0 && atomic_fetch_sub(&ahead->ignored, 1) > 0)
		return false;
	if (!atomic_load(&ahead->helper) && !helper_start(ahead))
		return false;
	atomic_store(&ahead->active, true);
	return true;
}

static COLD void tell(enum event_kind kind, int dir, const char *path, bool is_slow)
{
	struct event event = {
		.length = (uint16_t)strnlen(path, EVENT_PATH_MAX + 1),
		.kind = (uint8_t)kind,
		.slow = is_slow,
		.is_argument = dir == AT_FDCWD && is_argument(path),
		.dir = dir,
	};
	const struct directory *directory = path[0] == '/' ? NULL : directory_find(dir);
	const char *above = directory ? directory->path : NULL;
	int told;

	if (directory)
		event.dir = directory->dir;
	if (event.length > EVENT_PATH_MAX || !event.length || thread_is_vfork_child() ||
	    sys_forbidden() || atomic_load(&ahead->state) != AHEAD_ON)
		return;
	/* A helper that ended meanwhile left it active. */
	if ((!atomic_load(&ahead->active) || !atomic_load(&ahead->helper)) &&
	    !begins(&event, above, path))
		return;
	if (!event_put(ahead, &event, above, path))
		return;
	told = atomic_fetch_add(&ahead->told, 1) + 1;
	if (!atomic_load(&ahead->awake) && (is_slow || told - atomic_load(&ahead->wake_at) >= 0))
		helper_wake(ahead);
}

/* Tells the helper of a call that began at begin, if it has to know. Keeps errno. */
static inline void notice(enum event_kind kind, int dir, const char *path, int64_t begin)
{
	bool is_slow = monotonic_now() - begin > slow_ns;

	calls++;
	if (unlikely(is_slow || atomic_load_explicit(&ahead->active, memory_order_relaxed)))
		tell(kind, dir, path, is_slow);
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
	size_t length = strnlen(path, sizeof(unread.path));

	unread.fd = -1;
	if (length == sizeof(unread.path))
		return;
	unread.dir = dir;
	memcpy(unread.path, path, length + 1);
	unread.fd = fd;
}

static int note_open(int dir, const char *path, int flags, int64_t begin, int fd)
{
	sequence_note_open(fd);
	if (fd >= 0)
		directory_note_open(fd, dir, flags & O_DIRECTORY ? path : NULL);
	if (fd < 0 || !is_read(flags))
		return fd;
	if (unlikely(start_log_is_open()))
		start_log_add(dir, path);
	notice(EVENT_OPEN, dir, path, begin);
	if (!atomic_load_explicit(&ahead->active, memory_order_relaxed))
		remember_unread(fd, dir, path);
	return fd;
}

static ssize_t read_first(int fd, void *buf, size_t count)
{
	int64_t begin = monotonic_now();
	ssize_t ret = native.read(fd, buf, count);

	unread.fd = -1;
	if (monotonic_now() - begin > slow_ns)
		tell(EVENT_OPEN, unread.dir, unread.path, true);
	return ret;
}

static ssize_t notice_read(int fd, void *buf, size_t count)
{
	ssize_t ret;

	if (unlikely(fd == atomic_load_explicit(&unread.fd, memory_order_relaxed)))
		ret = read_first(fd, buf, count);
	else
		ret = native.read(fd, buf, count);
	sequence_note_read(fd, ret, -1);
	return ret;
}

static ssize_t notice_pread(int fd, void *buf, size_t count, off_t offset)
{
	ssize_t ret = native.pread(fd, buf, count, offset);

	sequence_note_read(fd, ret, offset + ret);
	return ret;
}

static int notice_open(const char *path, int flags, mode_t mode)
{
	int64_t begin = monotonic_now();

	return note_open(AT_FDCWD, path, flags, begin, native.open(path, flags, mode));
}

static int notice_open_2(const char *path, int flags)
{
	int64_t begin = monotonic_now();

	return note_open(AT_FDCWD, path, flags, begin, native.__open_2(path, flags));
}

static int notice_openat(int dir, const char *path, int flags, mode_t mode)
{
	int64_t begin = monotonic_now();

	return note_open(dir, path, flags, begin, native.openat(dir, path, flags, mode));
}

static int notice_openat_2(int dir, const char *path, int flags)
{
	int64_t begin = monotonic_now();

	return note_open(dir, path, flags, begin, native.__openat_2(dir, path, flags));
}

static DIR *notice_opendir(const char *path)
{
	int64_t begin = monotonic_now();
	DIR *dir = native.opendir(path);

	if (!dir)
		return NULL;
	directory_note_open(dirfd(dir), AT_FDCWD, path);
	if (unlikely(start_log_is_open()))
		start_log_add(AT_FDCWD, path);
	notice(EVENT_OPEN, AT_FDCWD, path, begin);
	return dir;
}

static FILE *notice_fopen(const char *path, const char *mode)
{
	int64_t begin = monotonic_now();
	FILE *file = native.fopen(path, mode);

	if (!file)
		return NULL;
	sequence_note_open(file->_fileno);
	if (mode[0] != 'r')
		return file;
	if (unlikely(start_log_is_open()))
		start_log_add(AT_FDCWD, path);
	notice(EVENT_OPEN, AT_FDCWD, path, begin);
	return file;
}

static int note_stat(int dir, const char *path, int64_t begin, int ret)
{
	if (!ret)
		notice(EVENT_STAT, dir, path, begin);
	return ret;
}

static int notice_stat(const char *path, struct stat *st)
{
	int64_t begin = monotonic_now();

	return note_stat(AT_FDCWD, path, begin, native.stat(path, st));
}

static int notice_lstat(const char *path, struct stat *st)
{
	int64_t begin = monotonic_now();

	return note_stat(AT_FDCWD, path, begin, native.lstat(path, st));
}

static int notice_fstatat(int dir, const char *path, struct stat *st, int flags)
{
	int64_t begin = monotonic_now();

	return note_stat(dir, path, begin, native.fstatat(dir, path, st, flags));
}

static int notice_xstat(int version, const char *path, struct stat *st)
{
	int64_t begin = monotonic_now();

	return note_stat(AT_FDCWD, path, begin, native.__xstat(version, path, st));
}

static int notice_lxstat(int version, const char *path, struct stat *st)
{
	int64_t begin = monotonic_now();

	return note_stat(AT_FDCWD, path, begin, native.__lxstat(version, path, st));
}

static int notice_fxstatat(int version, int dir, const char *path, struct stat *st, int flags)
{
	int64_t begin = monotonic_now();

	return note_stat(dir, path, begin, native.__fxstatat(version, dir, path, st, flags));
}

static int notice_statx(int dir, const char *path, int flags, unsigned mask, struct statx *st)
{
	int64_t begin = monotonic_now();
	int ret = native.statx(dir, path, flags, mask, st);

	/* Without a path it is a call on an open file. */
	return path ? note_stat(dir, path, begin, ret) : ret;
}

/*
 * The symbols that we stand in front of. same: libc's function of that name must be the one of
 * symbol as well (open64 and open), because ours calls that one.
 */
static const struct {
	uint16_t slot, same;
	void *notice;
} notices[] = {
#define NOTICE(symbol, same, function)                                 \
	{                                                              \
		NEXT_SLOT(symbol), NEXT_SLOT(same), (void *)(function) \
	}
	NOTICE(open, open, notice_open),
	NOTICE(open64, open, notice_open),
	NOTICE(__open, open, notice_open),
	NOTICE(__open64, open, notice_open),
	NOTICE(__open_2, __open_2, notice_open_2),
	NOTICE(__open64_2, __open_2, notice_open_2),
	NOTICE(openat, openat, notice_openat),
	NOTICE(openat64, openat, notice_openat),
	NOTICE(__openat_2, __openat_2, notice_openat_2),
	NOTICE(__openat64_2, __openat_2, notice_openat_2),
	NOTICE(read, read, notice_read),
	NOTICE(__read, read, notice_read),
	NOTICE(pread, pread, notice_pread),
	NOTICE(pread64, pread, notice_pread),
	NOTICE(__pread64, pread, notice_pread),
	NOTICE(opendir, opendir, notice_opendir),
	NOTICE(fopen, fopen, notice_fopen),
	NOTICE(fopen64, fopen, notice_fopen),
	NOTICE(stat, stat, notice_stat),
	NOTICE(stat64, stat, notice_stat),
	NOTICE(lstat, lstat, notice_lstat),
	NOTICE(lstat64, lstat, notice_lstat),
	NOTICE(fstatat, fstatat, notice_fstatat),
	NOTICE(fstatat64, fstatat, notice_fstatat),
	NOTICE(__xstat, __xstat, notice_xstat),
	NOTICE(__xstat64, __xstat, notice_xstat),
	NOTICE(__lxstat, __lxstat, notice_lxstat),
	NOTICE(__lxstat64, __lxstat, notice_lxstat),
	NOTICE(__fxstatat, __fxstatat, notice_fxstatat),
	NOTICE(__fxstatat64, __fxstatat, notice_fxstatat),
	NOTICE(statx, statx, notice_statx),
#undef NOTICE
};

static void put_notices(void)
{
	void **table = (void **)&next_table;
	void **natives = (void **)&native;

	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
		natives[notices[i].slot] = next_look_up(notices[i].slot);
		if (natives[notices[i].slot] &&
		    natives[notices[i].slot] == natives[notices[i].same])
			__atomic_store_n(&table[notices[i].slot], notices[i].notice,
					 __ATOMIC_RELEASE);
		else
			__atomic_store_n(&table[notices[i].slot], natives[notices[i].slot],
					 __ATOMIC_RELEASE);
	}
}

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
	keep_arguments(argc, argv);
	directories_start();
	waited_before = count_waits();
	if (settings.ahead.kinds & AHEAD_SEQUENCE)
		watch_reads();
	if (settings.ahead.kinds & AHEAD_START && start_log_begin() && helper_start(ahead))
		atomic_store(&ahead->active, true);
	put_notices();
}

static void write_counts(void)
{
	static const char *const names[AHEAD_COUNTS] = {
		[AHEAD_FETCHED] = "fetched", [AHEAD_USED] = "used",	[AHEAD_LATE] = "late",
		[AHEAD_CACHED] = "cached",   [AHEAD_UNUSED] = "unused", [AHEAD_RANGES] = "ranges",
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

/* SPDX-License-Identifier: MIT */
/* Finds out which files are read from front to back, and how far to read ahead in them. */
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "shim/ahead/files/file-systems.h"
#include "shim/ahead/notice/sequence.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"
#include "shim/symbols/probes.h"

#ifndef SYS_cachestat
#define SYS_cachestat 451 /* 6.5, the same on all architectures */
#endif

enum {
	PAGE = 4096,
	KIB = 1024,
	WINDOW_MIN = 512 * KIB,
	WINDOW_MAX = 8 * KIB * KIB,
	PIECE = 512 * KIB, /* the kernel reads no more for one advice than the disk takes at once */
	SAMPLE = 64 * KIB, /* so much is looked at to see if a range is cached */
	RUNS = 8,	   /* files at a time, so that at most 64 MiB are ahead of the program */
	NEVER = INT32_MAX, /* not until the descriptor is opened again */
};

/* One file that is read from front to back. */
struct run {
	int fd;
	int32_t until;	  /* sequence_bytes[fd] after the last look */
	uint32_t age;	  /* of the last look */
	uint32_t window;  /* how far to read ahead */
	int64_t position; /* of the program, at the last look */
	int64_t advised;  /* advice was given up to here */
};

_Atomic int32_t sequence_bytes[SEQUENCE_FDS];

static struct {
	struct ahead *ahead; /* NULL: it is not wanted */
	bool network;
	uint32_t looks;
	struct run runs[RUNS];
} sequence;

/* The arguments of cachestat(2). */
struct range {
	uint64_t offset, length;
};

struct cache_counts {
	uint64_t cached, dirty, written_back, evicted, recently_evicted;
};

/* Returns the number of pages in the cache, or a negative errno. */
static long count_cached(int fd, int64_t from, int64_t to)
{
	struct range range = { (uint64_t)from, (uint64_t)(to - from) };
	struct cache_counts counts = { 0 };
	long ret = sys4(SYS_cachestat, fd, (long)&range, (long)&counts, 0);

	return ret < 0 ? ret : (long)counts.cached;
}

/*
 * A system call filter that the program was started with can kill it for calls that it does not
 * know, so then there are none.
 */
void sequence_start(struct ahead *ahead, bool network)
{
	if (sys2(SYS_prctl, PR_GET_SECCOMP, 0) > 0 || count_cached(-1, 0, 0) != -EBADF)
		return;
	for (int fd = 0; fd < SEQUENCE_FDS; fd++)
		sequence_note_open(fd);
	for (size_t i = 0; i < RUNS; i++)
		sequence.runs[i].fd = -1;
	sequence.network = network;
	sequence.ahead = ahead;
}

/* Returns the run of a descriptor, or the oldest one. */
static struct run *find_run(int fd)
{
	struct run *oldest = &sequence.runs[0];

	for (size_t i = 0; i < RUNS; i++) {
		struct run *run = &sequence.runs[i];

		if (run->fd == fd)
			return run;
		if (sequence.looks - run->age > sequence.looks - oldest->age)
			oldest = run;
	}
	oldest->fd = -1;
	return oldest;
}

static bool is_suitable(int fd, const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_size > SEQUENCE_LOOK &&
		!(sys2(SYS_fcntl, fd, F_GETFL) & (O_DIRECT | O_PATH)) &&
		is_fetchable(fd, sequence.network);
}

/* Returns true if the program has read on from where it was at the last look. */
static bool has_gone_on(struct run *run, int fd, int64_t position)
{
	int32_t read = atomic_load_explicit(&sequence_bytes[fd], memory_order_relaxed);

	/* The first look at a file assumes that it was read from its start. */
	if (run->fd != fd)
		*run = (struct run){ .fd = fd, .until = -SEQUENCE_LOOK, .window = WINDOW_MIN };
	return position == run->position + (read - run->until);
}

/* Advises the range, in pieces. */
static void advise(int fd, int64_t from, int64_t to)
{
	for (; from < to; from += PIECE) {
		int64_t length = to - from < PIECE ? to - from : PIECE;

		if (sys4(SYS_fadvise64, fd, from, length, POSIX_FADV_WILLNEED))
			return;
		probe_hint(NULL, fd, from, (uint64_t)length);
		atomic_fetch_add_explicit(&sequence.ahead->counts[AHEAD_RANGES], 1,
					  memory_order_relaxed);
	}
}

/* Returns true if at least half of the range is in the cache, or on its way there. */
static bool is_cached(int fd, int64_t from, int64_t to)
{
	return count_cached(fd, from, to) * 2 * PAGE >= to - from;
}

/*
 * Reads ahead of position, in a file of that size, as far as the window goes. Returns after how
 * many bytes to look again.
 */
static int32_t read_ahead(struct run *run, int64_t position, int64_t size)
{
	int64_t from = run->advised > position ? run->advised : position;
	int64_t to = position + run->window < size ? position + run->window : size;
	int64_t sample = to - SAMPLE > from ? to - SAMPLE : from;

	/* Where memory is short, pages are evicted before the program has come to them. */
	if (from > position && !is_cached(run->fd, position, from)) {
		run->window = run->window / 2 > WINDOW_MIN ? run->window / 2 : WINDOW_MIN;
		return (int32_t)run->window;
	}
	if (from >= to)
		return size > to ? (int32_t)run->window / 8 : NEVER;
	if (run->window < WINDOW_MAX)
		run->window *= 2;
	if (is_cached(run->fd, sample, to)) {
		run->advised = position;
		return (int32_t)(to - position);
	}
	advise(run->fd, from, to);
	run->advised = to;
	return (int32_t)run->window / 8;
}

/* Returns after how many bytes to look again. */
static int32_t look(int fd, int64_t position)
{
	struct run *run = find_run(fd);
	struct stat st;
	int32_t next = SEQUENCE_LOOK;

	run->age = ++sequence.looks;
	if (position < 0 || sys2(SYS_fstat, fd, (long)&st) || !is_suitable(fd, &st)) {
		run->fd = -1;
		return NEVER;
	}
	if (has_gone_on(run, fd, position))
		next = read_ahead(run, position, st.st_size);
	else
		*run = (struct run){ .fd = fd, .window = WINDOW_MIN };
	run->position = position;
	run->until = -next;
	return next;
}

COLD void sequence_look(int fd, int64_t position)
{
	int32_t next = SEQUENCE_LOOK;

	if (!sequence.ahead || thread_is_vfork_child() || sys_forbidden() ||
	    atomic_load(&sequence.ahead->state) == AHEAD_STOPPED) {
		next = NEVER;
	} else if (!atomic_flag_test_and_set_explicit(&sequence.ahead->looking,
						      memory_order_acquire)) {
		if (position < 0)
			position = sys3(SYS_lseek, fd, 0, SEEK_CUR);
		next = look(fd, position);
		atomic_flag_clear_explicit(&sequence.ahead->looking, memory_order_release);
	}
	atomic_store_explicit(&sequence_bytes[fd], -next, memory_order_relaxed);
}

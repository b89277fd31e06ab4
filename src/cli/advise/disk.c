/* SPDX-License-Identifier: MIT */
/*
 * Measures how many reads and syncs the disk does at a time. Threads make them, so that it works
 * where io_uring is forbidden as well.
 */
#include "config.h"

#include "cli/advise/disk.h"

#include "cli/cli.h"
#include "cli/paths.h"
#include "cli/temp.h"
#include "shim/ahead/files/file-systems.h"
#include "shim/base/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* A seventh is read one after the other, two 8 at a time, four IN_FLIGHT at a time. */
	PIECES = 7 * IN_FLIGHT,
	PIECE = 4096,
	ENOUGH = 16, /* fewer waits or pieces are not worth it */
	STACK = 64 * 1024,
};

/* What is done so many times: a read of a piece, or a sync of a file. */
struct task {
	int fd;
	off_t offset;
};

/* The tasks of one measurement, which several threads take from. */
struct tasks {
	struct task *list;
	int count;
	_Atomic int next;
	pthread_barrier_t begin; /* starting a thread is not measured */
	void (*run)(const struct task *task);
};

static void read_piece(const struct task *task)
{
	char piece[PIECE];

	if (pread(task->fd, piece, sizeof(piece), task->offset) < 0)
		return;
}

static void sync_file(const struct task *task)
{
	if (pwrite(task->fd, "changed", 7, task->offset) == 7)
		fsync(task->fd);
}

static void *run_tasks(void *arg)
{
	struct tasks *tasks = arg;
	int n;

	pthread_barrier_wait(&tasks->begin);
	while ((n = atomic_fetch_add(&tasks->next, 1)) < tasks->count)
		tasks->run(&tasks->list[n]);
	return NULL;
}

/* Starts all threads or none. */
static bool start_threads(pthread_t *threads, int count, struct tasks *tasks)
{
	pthread_attr_t attributes;
	int started = 0;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	while (started < count && !pthread_create(&threads[started], &attributes, run_tasks, tasks))
		started++;
	pthread_attr_destroy(&attributes);
	if (started == count)
		return true;
	while (started > 0) {
		pthread_cancel(threads[--started]);
		pthread_join(threads[started], NULL);
	}
	return false;
}

/* Returns the time for one task, with so many at a time, or 0 if the threads cannot be had. */
static double measure_tasks(struct tasks *tasks, int at_a_time)
{
	pthread_t threads[IN_FLIGHT];
	int64_t begin;
	double time = 0;

	tasks->next = 0;
	pthread_barrier_init(&tasks->begin, NULL, (unsigned)at_a_time + 1);
	if (start_threads(threads, at_a_time, tasks)) {
		begin = monotonic_now();
		pthread_barrier_wait(&tasks->begin);
		for (int i = 0; i < at_a_time; i++)
			pthread_join(threads[i], NULL);
		time = (double)(monotonic_now() - begin) / tasks->count;
	}
	pthread_barrier_destroy(&tasks->begin);
	return time;
}

/* Opens a file so that nobody can tell. Returns -1 if it is none that can be read from a disk. */
static int open_file(const char *name, off_t *size)
{
	enum { FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };
	struct stat st;
	int fd = -1;

	/* Opening anything else could have an effect. */
	if (lstat(name, &st) || !S_ISREG(st.st_mode) || st.st_size < 1)
		return -1;
	fd = open(name, FLAGS | O_NOATIME);
	*size = st.st_size;
	return fd;
}

static bool is_read(enum wait_kind kind)
{
	return kind == WAIT_FILES || kind == WAIT_SEQUENCE || kind == WAIT_OFFSETS;
}

static int by_time(const void *left, const void *right)
{
	double a = (*(const struct wait *const *)left)->ns;
	double b = (*(const struct wait *const *)right)->ns;

	return (a < b) - (a > b);
}

/*
 * Lists the waits for reads, the longest first, that make up most of the time. The short ones are of
 * files that were in the caches, or lie on a faster disk.
 */
static size_t list_waits(const struct recording *recording, const struct overlap *overlap,
			 const struct wait **list)
{
	double total = 0, sum = 0;
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < recording->count; i++) {
		if (!is_read(overlap->kinds[i]))
			continue;
		list[count++] = &recording->waits[i];
		total += recording->waits[i].ns;
	}
	qsort(list, count, sizeof(*list), by_time);
	while (kept < count && sum < 0.9 * total)
		sum += list[kept++]->ns;
	return kept;
}

/* Returns true if one of the files is this one already. */
static bool is_listed(const struct task *files, int count, int fd)
{
	struct stat new, old;

	for (int i = 0; !fstat(fd, &new) && i < count; i++)
		if (!fstat(files[i].fd, &old) && old.st_ino == new.st_ino &&
		    old.st_dev == new.st_dev)
			return true;
	return false;
}

/* Opens files that were waited for, at most PIECES. The offset of each is its size. */
static int open_files(const struct recording *recording, const struct overlap *overlap,
		      struct task files[PIECES])
{
	const struct wait **list = grow(NULL, recording->count + 1, sizeof(*list));
	size_t waits = list_waits(recording, overlap, list);
	int count = 0;

	for (size_t i = 0; i < waits && count < PIECES; i++) {
		struct task file = { .fd = open_file(list[i]->name, &file.offset) };

		if (file.fd < 0)
			continue;
		if (is_listed(files, count, file.fd))
			close(file.fd);
		else
			files[count++] = file;
	}
	free(list);
	return count;
}

/* How many pieces a file can give: read-ahead would join what lies too close. */
static int count_pieces(const struct task *file)
{
	enum { APART = 16 * PIECE };

	return file->offset / APART < PIECES ? (int)(file->offset / APART) + 1 : PIECES;
}

/*
 * Takes a piece of each file, then the next piece of each, in an order within the files that no
 * read-ahead expects.
 */
static int choose_pieces(const struct task *files, int count, struct task pieces[PIECES])
{
	enum { STRIDE = 227 }; /* a prime number above PIECES: all pieces come about */
	int chosen = 0, before = -1;

	for (int turn = 0; chosen > before && chosen < PIECES; turn++) {
		before = chosen;
		for (int i = 0; i < count && chosen < PIECES; i++) {
			int each = count_pieces(&files[i]);
			off_t at = files[i].offset / each * ((off_t)turn * STRIDE % each) / PIECE *
				PIECE;

			if (turn < each)
				pieces[chosen++] = (struct task){ files[i].fd, at };
		}
	}
	return chosen;
}

static void drop_pieces(const struct task *pieces, int count)
{
	for (int i = 0; i < count; i++) {
		posix_fadvise(pieces[i].fd, 0, 0, POSIX_FADV_RANDOM);
		posix_fadvise(pieces[i].fd, pieces[i].offset, PIECE, POSIX_FADV_DONTNEED);
	}
}

void measure_reads(struct disk_times *times, const struct recording *recording,
		   const struct overlap *overlap)
{
	struct task files[PIECES], pieces[PIECES];
	struct tasks tasks = { .run = read_piece };
	int opened = open_files(recording, overlap, files);
	int unit = choose_pieces(files, opened, pieces) / 7;

	if (unit * 7 >= ENOUGH) {
		times->files = (size_t)opened;
		times->needs_network = !is_fetchable(files[0].fd, false) &&
			is_fetchable(files[0].fd, true);
		drop_pieces(pieces, unit * 7);
		tasks.list = pieces;
		tasks.count = unit;
		times->cold = measure_tasks(&tasks, 1);
		tasks.list += unit;
		tasks.count = 2 * unit;
		times->cold_8 = measure_tasks(&tasks, 8);
		tasks.list += 2 * unit;
		tasks.count = 4 * unit;
		times->cold_32 = measure_tasks(&tasks, IN_FLIGHT);
	}
	while (opened > 0)
		close(files[--opened].fd);
}

/* Returns true if CMD synced enough files one after the other, and they lie where fd does. */
static bool is_synced_there(const struct recording *recording, const struct overlap *overlap,
			    int fd)
{
	struct stat there, directory;

	if (overlap->groups[WAIT_SYNCS].count < ENOUGH || fstat(fd, &there))
		return false;
	for (size_t i = 0; i < recording->count; i++) {
		const struct wait *wait = &recording->waits[i];
		bool is_there = false;
		char *name;

		if (overlap->kinds[i] != WAIT_SYNCS || *wait->name != '/')
			continue;
		/* The file itself can have another name by now. */
		name = path_directory(wait->name);
		is_there = !stat(name, &directory) && directory.st_dev == there.st_dev;
		free(name);
		return is_there;
	}
	return false;
}

void measure_syncs(struct disk_times *times, const struct recording *recording,
		   const struct overlap *overlap)
{
	struct task files[IN_FLIGHT];
	struct tasks tasks = { .run = sync_file, .list = files, .count = IN_FLIGHT };

	for (int i = 0; i < IN_FLIGHT; i++)
		files[i] = (struct task){ temp_file(), 0 };
	if (is_synced_there(recording, overlap, files[0].fd)) {
		measure_tasks(&tasks, IN_FLIGHT);
		times->sync_32 = measure_tasks(&tasks, IN_FLIGHT);
		tasks.count = IN_FLIGHT / 4;
		times->sync = measure_tasks(&tasks, 1);
	}
	for (int i = 0; i < IN_FLIGHT; i++)
		close(files[i].fd);
}

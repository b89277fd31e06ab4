/* SPDX-License-Identifier: MIT */
/* Reads what the library has recorded. */
#include "config.h"

#include "cli/advise/recording.h"

#include "cli/cli.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const extra_names[] = {
	[TIMED_opendir - CALL_COUNT] = "opendir",
	[TIMED_fopen - CALL_COUNT] = "fopen",
	[TIMED_sendfile - CALL_COUNT] = "sendfile",
	[TIMED_copy_file_range - CALL_COUNT] = "copy_file_range",
};

const char *recording_call_name(unsigned call)
{
	return call < CALL_COUNT ? call_names[call].name : extra_names[call - CALL_COUNT];
}

/* A process's file stays mapped: names are not copied. */
static const struct timing_record *map_file(int directory, const char *name, size_t *size)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	const struct timing_record *record = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && (size_t)st.st_size >= sizeof(*record)) {
		*size = (size_t)st.st_size;
		record = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	if (record == MAP_FAILED || record->magic != TIMING_MAGIC ||
	    record->size != sizeof(*record))
		return NULL;
	return record;
}

static void find_site(struct wait *wait, const struct timing_record *record, uint64_t address)
{
	wait->file = "";
	for (size_t i = 0; address && i < TIMING_SITES; i++) {
		if (record->sites[i].address != address)
			continue;
		wait->file = record->sites[i].file;
		wait->file_offset = record->sites[i].offset;
	}
}

static void add_wait(struct recording *recording, const struct timing_record *record,
		     const struct timing_wait *from)
{
	double tick = recording->ns_per_tick;
	struct wait *wait;

	if (!from->begin || from->call >= TIMED_COUNT)
		return;
	if (!(recording->count & (recording->count + 1)))
		recording->waits = grow(recording->waits, 2 * (recording->count + 1),
					sizeof(*recording->waits));
	wait = &recording->waits[recording->count++];
	*wait = (struct wait){
		.begin = (double)record->begin.ns +
			(double)(int64_t)(from->begin - record->begin.ticks) * tick,
		.ns = (double)from->ticks * tick,
		.offset = from->offset,
		.process = record->process,
		.fd = from->fd,
		.result = from->result,
		.call = from->call,
		.name = from->name,
	};
	find_site(wait, record, from->site);
}

static void add_calls(struct recording *recording, const struct timing_record *record)
{
	for (size_t i = 0; i < TIMED_COUNT; i++) {
		const struct call_timing *from = &record->calls[i];
		struct call_total *to = &recording->calls[i];

		to->count += from->count;
		to->errors += from->errors;
		to->ns += (double)from->ticks * recording->ns_per_tick;
		to->max = fmax(to->max, (double)from->max * recording->ns_per_tick);
		for (size_t n = 0; n < TIMING_BUCKETS; n++)
			to->buckets[n] += from->buckets[n];
	}
}

static void add_record(struct recording *recording, const struct timing_record *record, size_t size)
{
	size_t appended = (size - sizeof(*record)) / sizeof(record->window[0]);
	const struct timing_wait *more = (const struct timing_wait *)(record + 1);

	recording->processes++;
	recording->lost += record->lost;
	add_calls(recording, record);
	for (size_t i = 0; i < appended && i < record->appended; i++)
		add_wait(recording, record, &more[i]);
	for (size_t i = 0; i < TIMING_WINDOW; i++)
		add_wait(recording, record, &record->window[i]);
}

static int by_begin(const void *left, const void *right)
{
	double a = ((const struct wait *)left)->begin, b = ((const struct wait *)right)->begin;

	return (a > b) - (a < b);
}

struct file {
	const struct timing_record *record;
	size_t size;
};

/* Maps the files of the directory, and removes them. */
static size_t map_files(DIR *directory, struct file **files)
{
	const struct dirent *entry;
	size_t count = 0;

	while ((entry = readdir(directory))) {
		struct file file;

		if (*entry->d_name == '.')
			continue;
		file.record = map_file(dirfd(directory), entry->d_name, &file.size);
		unlinkat(dirfd(directory), entry->d_name, 0);
		if (!file.record)
			continue;
		*files = grow(*files, count + 1, sizeof(**files));
		(*files)[count++] = file;
	}
	return count;
}

bool recording_read(struct recording *recording, const char *directory, double ns_per_tick)
{
	DIR *open = opendir(directory);
	struct file *files = NULL;
	size_t count;

	*recording = (struct recording){ .ns_per_tick = ns_per_tick };
	if (!open)
		return false;
	count = map_files(open, &files);
	closedir(open);
	for (size_t i = 0; i < count; i++)
		add_record(recording, files[i].record, files[i].size);
	free(files);
	if (recording->count)
		qsort(recording->waits, recording->count, sizeof(*recording->waits), by_begin);
	return count > 0;
}

void recording_discard(const char *directory)
{
	struct recording ignored;

	recording_read(&ignored, directory, 0);
}

/* Within a bucket the calls are taken to lie evenly. */
double recording_percentile(const struct recording *recording, unsigned call, double part)
{
	const struct call_total *total = &recording->calls[call];
	double wanted = part * (double)total->count, before = 0;

	for (size_t n = 0; n < TIMING_BUCKETS; n++) {
		double here = (double)total->buckets[n];

		if (here > 0 && before + here >= wanted) {
			double ticks = ldexp(1 + (wanted - before) / here, (int)n);

			return fmin(ticks * recording->ns_per_tick, total->max);
		}
		before += here;
	}
	return total->max;
}

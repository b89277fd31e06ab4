/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/statistics/records.h"

#include "cli/cli.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns the inode of this process's PID namespace. */
static uint64_t own_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) ? 0 : st.st_ino;
}

/*
 * Returns true if the process that made the record runs. A process that has got its ID since has
 * begun after the record was made.
 */
static bool is_running(const struct stats_owner *owner)
{
	char *path = text("/proc/%u/stat", owner->pid), line[1024], state = 'X', *after;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd >= 0 ? read(fd, line, sizeof(line) - 1) : -1;
	unsigned long long began = 0;

	if (fd >= 0)
		close(fd);
	free(path);
	line[length > 0 ? length : 0] = '\0';
	/* The name of the program is in parentheses, and can have any character. */
	after = strrchr(line, ')');
	if (!after ||
	    sscanf(after,
		   ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
		   "%llu",
		   &state, &began) != 2)
		return false;
	return state != 'Z' && state != 'X' &&
		began * (1000000000ull / (unsigned long long)sysconf(_SC_CLK_TCK)) <= owner->began;
}

/* Opens the file if it is one of this user alone, and has that size. */
static int open_private(int directory, const char *name, size_t size)
{
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & 077) && (size_t)st.st_size == size)
		return fd;
	close(fd);
	return -1;
}

/* The name of a program is shown on terminals, and becomes part of a line. */
static void clean_name(char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			*name = '?';
}

/* Reads whose record it is. Returns false if it is none of this PID namespace. */
static bool read_owner(struct stats_owner *owner, int directory, const char *name)
{
	int fd = open_private(directory, name, sizeof(*owner));
	bool is_read = fd >= 0 && read(fd, owner, sizeof(*owner)) == sizeof(*owner);

	if (fd >= 0)
		close(fd);
	if (!is_read || !stats_is_record(owner) || owner->pid_namespace != own_namespace())
		return false;
	clean_name(owner->program);
	return true;
}

static const struct stats_record *map_record(int directory, const char *name, size_t size)
{
	int fd = open_private(directory, name, size);
	const struct stats_record *counts = MAP_FAILED;

	if (fd >= 0) {
		counts = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	return counts == MAP_FAILED ? NULL : counts;
}

static void add_file(struct records *records, const char *directory, int directory_fd,
		     const char *name)
{
	char *owner_name = text(".%s", name);
	struct record record = { 0 };

	if (read_owner(&record.owner, directory_fd, owner_name))
		record.counts = map_record(directory_fd, name, record.owner.size);
	if (record.counts) {
		record.path = text("%s/%s", directory, name);
		record.owner_path = text("%s/%s", directory, owner_name);
		record.running = is_running(&record.owner);
		records->list = grow(records->list, records->count + 1, sizeof(*records->list));
		records->list[records->count++] = record;
	}
	free(owner_name);
}

/* Files in a directory that another user can write are not trusted. */
static bool is_private(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
		!(st.st_mode & 077);
}

static void add_directory(struct records *records, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd >= 0 && is_private(fd) ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (!directory) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			add_file(records, path, fd, entry->d_name);
	closedir(directory);
}

static int by_pid(const void *left, const void *right)
{
	uint32_t a = ((const struct record *)left)->owner.pid;
	uint32_t b = ((const struct record *)right)->owner.pid;

	return (a > b) - (a < b);
}

void records_find(struct records *records)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *paths[] = {
		runtime && *runtime == '/' ? text("%s/ringshim", runtime) : NULL,
		text("/run/user/%u/ringshim", geteuid()),
		text("/dev/shm/ringshim-%u", geteuid()),
	};

	*records = (struct records){ 0 };
	if (paths[0] && !strcmp(paths[0], paths[1]))
		paths[0][0] = '\0';
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (paths[i] && *paths[i])
			add_directory(records, paths[i]);
		free(paths[i]);
	}
	if (records->count)
		qsort(records->list, records->count, sizeof(*records->list), by_pid);
}

void records_free(struct records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		munmap((void *)records->list[i].counts, records->list[i].owner.size);
		free(records->list[i].path);
		free(records->list[i].owner_path);
	}
	free(records->list);
}

static void take_latencies(const struct stats_record *counts, struct stats_totals *totals)
{
	for (size_t call = 0; call < CALL_COUNT; call++) {
		for (size_t bucket = 0; bucket < STATS_BUCKETS; bucket++)
			totals->latencies[call][bucket] = stats_sum_latency(counts, call, bucket);
		totals->longest[call] = stats_find_longest(counts, call);
	}
}

void record_summarize(const struct record *record, struct summary *summary)
{
	const struct stats_record *counts = record->counts;
	struct stats_totals *totals = &summary->totals;

	memset(summary, 0, sizeof(*summary));
	memcpy(summary->program, record->owner.program, sizeof(summary->program));
	summary->pid = record->owner.pid;
	summary->processes = 1;
	summary->state = record->running ? STATE_RUNNING : STATE_ENDED;
	for (size_t call = 0; call < CALL_COUNT; call++) {
		for (size_t reason = 0; reason < REASON_COUNT; reason++)
			totals->counts[call][reason] = stats_sum_count(counts, call, reason);
		for (size_t kind = 0; kind < RESULT_KINDS; kind++)
			totals->results[call][kind] = stats_sum_result(counts, call, kind);
	}
	for (size_t kind = 0; kind < PROCESS_KINDS; kind++)
		totals->process[kind] = stats_sum_process(counts, kind);
	if (stats_has_latencies(&record->owner))
		take_latencies(counts, totals);
}

/* Writes a row as the library does, unless the count is 0. */
static void write_row(FILE *to, const struct stats_owner *owner, const char *subject,
		      const char *what, const char *why, uint64_t count)
{
	if (count)
		fprintf(to, "%u\t%s\t%s\t%s\t%s\t%llu\n", owner->pid, owner->program, subject, what,
			why, (unsigned long long)count);
}

static void write_latencies(FILE *to, const struct record *record, size_t call)
{
	const struct stats_record *counts = record->counts;
	uint64_t longest = stats_find_longest(counts, call);
	char start[24];

	for (size_t bucket = 0; bucket < STATS_BUCKETS; bucket++) {
		snprintf(start, sizeof(start), "%llu",
			 (unsigned long long)stats_bucket_start(bucket));
		write_row(to, &record->owner, call_names[call].name, "latency", start,
			  stats_sum_latency(counts, call, bucket) -
				  counts->reported_latencies[call][bucket]);
	}
	write_row(to, &record->owner, call_names[call].name, "longest", "-",
		  longest > counts->reported_longest[call] ? longest : 0);
}

/* Writes what is in no report yet. */
static void write_rest(FILE *to, const struct record *record)
{
	const struct stats_record *counts = record->counts;
	const struct stats_owner *owner = &record->owner;

	for (size_t kind = 0; kind < PROCESS_KINDS; kind++)
		write_row(to, owner, "process", stats_process_names[kind], "-",
			  stats_sum_process(counts, kind) - counts->reported_process[kind]);
	for (size_t call = 0; call < CALL_COUNT; call++) {
		const char *name = call_names[call].name;

		for (size_t reason = 0; reason < REASON_COUNT; reason++)
			write_row(to, owner, name, reason == REASON_RING ? "ring" : "direct",
				  reason == REASON_RING ? "-" : reason_names[reason],
				  stats_sum_count(counts, call, reason) -
					  counts->reported_counts[call][reason]);
		for (size_t kind = 0; kind < RESULT_KINDS; kind++)
			write_row(to, owner, name, stats_result_names[kind], "-",
				  stats_sum_result(counts, call, kind) -
					  counts->reported_results[call][kind]);
		if (stats_has_latencies(owner))
			write_latencies(to, record, call);
	}
}

/* Appends with one write, as the library does. */
static void append_rest(const struct record *record)
{
	const char *file = record->owner.file;
	char *rows = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&rows, &size);
	int fd;

	if (!memory)
		die("out of memory");
	write_rest(memory, record);
	fclose(memory);
	fd = size && *file ?
		open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		     0666) :
		-1;
	if (fd >= 0) {
		if (write(fd, rows, size) != (ssize_t)size)
			say("cannot append to %s: %m", file);
		close(fd);
	}
	free(rows);
}

void records_collect(const struct records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct record *record = &records->list[i];

		/* Of several commands that find the record, the one that removes it goes on. */
		if (!record->running && !unlink(record->path)) {
			unlink(record->owner_path);
			append_rest(record);
		}
	}
}

void records_clean_up(void)
{
	struct records records;

	records_find(&records);
	records_collect(&records);
	records_free(&records);
}

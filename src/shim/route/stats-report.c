/* SPDX-License-Identifier: MIT */
/* Writes the counts of a record as rows of text, with system calls only: no malloc and no stdio. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include "shim/base/strview.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"
#include "shim/ring/thread.h"
#include "shim/route/stats-report.h"

enum { ROW_MAX = 128, ROWS_SMALL = 1024, ROWS_ALL = 1 << 18 };

/* Rows that are not written yet. */
struct rows {
	long fd;
	char *start, *at, *end;
	char program[32];
};

/* The name of the file, if it is not as the user gave it. */
static char expanded[STATS_PATH_MAX];

static const char *report_path;

static long program_name(char name[32])
{
	long fd = sys4(SYS_openat, AT_FDCWD, (long)"/proc/self/comm", O_RDONLY | O_CLOEXEC, 0);
	long len = fd < 0 ? 0 : sys3(SYS_read, fd, (long)name, 31);

	if (fd >= 0)
		sys1(SYS_close, fd);
	len = len > 0 ? len - 1 : 0;
	name[len] = '\0';
	for (char *c = name; *c; c++)
		if (*c == '\t' || *c == '\n')
			*c = ' ';
	return len;
}

/* A program's name in the name of a file: without a slash. */
static char *put_file_name(char *at)
{
	char name[32];

	program_name(name);
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '!';
	return stpcpy(at, name);
}

/* Replaces %p by the process ID, %e by the program's name and %% by %. */
static void expand_path(const char *path)
{
	char *at = expanded, *end = expanded + sizeof(expanded) - 40;

	for (; *path && at < end; path++) {
		if (*path != '%' || !path[1] || !strchr("pe%", path[1]))
			*at++ = *path;
		else if (*++path == 'p')
			at = strview_put_number(at, (uint64_t)sys0(SYS_getpid));
		else if (*path == 'e')
			at = put_file_name(at);
		else
			*at++ = '%';
	}
	*at = '\0';
	report_path = expanded;
}

void stats_report_start(void)
{
	if (strchr(settings.stats, '%'))
		expand_path(settings.stats);
	else
		report_path = settings.stats;
}

/* Writes path to to, with the working directory in front unless it is absolute; "" if too long. */
static void put_absolute(char to[STATS_PATH_MAX], const char *path)
{
	size_t length = strlen(path), before = 0;
	long got;

	*to = '\0';
	if (*path != '/') {
		got = sys2(SYS_getcwd, (long)to, STATS_PATH_MAX);
		if (got <= 0 || *to != '/')
			return (void)(*to = '\0');
		before = (size_t)got;
		to[before - 1] = '/';
	}
	if (before + length < STATS_PATH_MAX)
		memcpy(to + before, path, length + 1);
	else
		*to = '\0';
}

static uint64_t pid_namespace(void)
{
	struct stat st;

	if (sys4(SYS_newfstatat, AT_FDCWD, (long)"/proc/self/ns/pid", (long)&st, 0))
		return 0;
	return st.st_ino;
}

void stats_report_describe(struct stats_owner *owner)
{
	struct timespec now = { 0 };

	memcpy(owner->magic, STATS_MAGIC, sizeof(owner->magic));
	owner->version = STATS_VERSION;
	owner->size = (uint32_t)stats_record_size(settings.stats_histograms);
	owner->calls = CALL_COUNT;
	owner->reasons = REASON_COUNT;
	owner->pid = (uint32_t)sys0(SYS_getpid);
	owner->pid_namespace = pid_namespace();
	sys2(SYS_clock_gettime, CLOCK_BOOTTIME, (long)&now);
	owner->began = (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
	program_name(owner->program);
	put_absolute(owner->file, report_path);
}

static void flush_rows(struct rows *rows)
{
	if (rows->at > rows->start)
		sys3(SYS_write, rows->fd, (long)rows->start, rows->at - rows->start);
	rows->at = rows->start;
}

static char *put_field(char *at, const char *text)
{
	return stpcpy(stpcpy(at, text), "\t");
}

/* Adds the row "PID PROGRAM SUBJECT WHAT WHY COUNT", separated by tabs, unless the count is 0. */
static void put_row(struct rows *rows, const char *subject, const char *what, const char *why,
		    uint64_t count)
{
	char *at;

	if (!count)
		return;
	if (rows->end - rows->at < ROW_MAX)
		flush_rows(rows);
	at = strview_put_number(rows->at, (uint64_t)sys0(SYS_getpid));
	at = put_field(stpcpy(at, "\t"), rows->program);
	at = put_field(put_field(put_field(at, subject), what), why);
	rows->at = stpcpy(strview_put_number(at, count), "\n");
}

/* Returns what a sum has grown by since it was last reported, and notes that it is. */
static uint64_t take_news(_Atomic uint64_t *reported, uint64_t sum)
{
	uint64_t old = atomic_load_explicit(reported, memory_order_relaxed);

	do {
		if (sum <= old)
			return 0;
	} while (!atomic_compare_exchange_weak(reported, &old, sum));
	return sum - old;
}

static void put_call(struct rows *rows, struct stats_record *record, size_t call)
{
	const char *name = call_names[call].name;

	for (size_t reason = 0; reason < REASON_COUNT; reason++) {
		uint64_t count = take_news(&record->reported_counts[call][reason],
					   stats_sum_count(record, call, reason));

		put_row(rows, name, reason == REASON_RING ? "ring" : "direct",
			reason == REASON_RING ? "-" : reason_names[reason], count);
	}
	for (size_t kind = 0; kind < RESULT_KINDS; kind++)
		put_row(rows, name, stats_result_names[kind], "-",
			take_news(&record->reported_results[call][kind],
				  stats_sum_result(record, call, kind)));
}

/* Does the same for a time that is the longest so far. */
static uint64_t take_longest(_Atomic uint64_t *reported, uint64_t ns)
{
	return take_news(reported, ns) ? ns : 0;
}

static void put_latencies(struct rows *rows, struct stats_record *record, size_t call)
{
	const char *name = call_names[call].name;
	char start[24];

	for (size_t bucket = 0; bucket < STATS_BUCKETS; bucket++) {
		*strview_put_number(start, stats_bucket_start(bucket)) = '\0';
		put_row(rows, name, "latency", start,
			take_news(&record->reported_latencies[call][bucket],
				  stats_sum_latency(record, call, bucket)));
	}
	put_row(rows, name, "longest", "-",
		take_longest(&record->reported_longest[call], stats_find_longest(record, call)));
}

static void put_record(struct rows *rows, struct stats_record *record)
{
	for (size_t kind = 0; kind < PROCESS_KINDS; kind++)
		put_row(rows, "process", stats_process_names[kind], "-",
			take_news(&record->reported_process[kind],
				  stats_sum_process(record, kind)));
	for (size_t call = 0; call < CALL_COUNT; call++) {
		put_call(rows, record, call);
		if (settings.stats_histograms)
			put_latencies(rows, record, call);
	}
}

static bool has_new_latencies(const struct stats_record *record)
{
	for (size_t call = 0; call < CALL_COUNT; call++)
		for (size_t bucket = 0; bucket < STATS_BUCKETS; bucket++)
			if (stats_sum_latency(record, call, bucket) >
			    record->reported_latencies[call][bucket])
				return true;
	return false;
}

static bool has_news(const struct stats_record *record)
{
	if (settings.stats_histograms && has_new_latencies(record))
		return true;
	for (size_t call = 0; call < CALL_COUNT; call++)
		for (size_t reason = 0; reason < REASON_COUNT; reason++)
			if (stats_sum_count(record, call, reason) >
			    record->reported_counts[call][reason])
				return true;
	return false;
}

static bool open_rows(struct rows *rows, char *memory, size_t size)
{
	rows->start = rows->at = memory;
	rows->end = memory + size;
	rows->fd = sys4(SYS_openat, AT_FDCWD, (long)report_path,
			O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (rows->fd >= 0)
		program_name(rows->program);
	return rows->fd >= 0;
}

static void close_rows(struct rows *rows)
{
	flush_rows(rows);
	sys1(SYS_close, rows->fd);
}

/* Without memory for all rows each write consists of several whole rows. */
static __attribute__((noinline)) void write_in_parts(struct stats_record *record)
{
	char memory[ROWS_SMALL];
	struct rows rows;

	if (!open_rows(&rows, memory, sizeof(memory)))
		return;
	put_record(&rows, record);
	close_rows(&rows);
}

/* One write has all rows, so that those of several processes do not mix. */
static bool write_at_once(struct stats_record *record)
{
	char *memory = sys_pages(ROWS_ALL);
	struct rows rows;

	if (!memory)
		return false;
	if (open_rows(&rows, memory, ROWS_ALL)) {
		put_record(&rows, record);
		close_rows(&rows);
	}
	sys2(SYS_munmap, (long)memory, ROWS_ALL);
	return true;
}

void stats_report_write(struct stats_record *record, bool small)
{
	if (has_news(record) && (small || !write_at_once(record)))
		write_in_parts(record);
}

void stats_append(const char *subject, const char *const names[], const uint64_t counts[],
		  size_t count)
{
	char memory[ROWS_SMALL];
	struct rows rows;

	if (!settings.stats || thread_is_vfork_child() || sys_forbidden() ||
	    !open_rows(&rows, memory, sizeof(memory)))
		return;
	for (size_t i = 0; i < count; i++)
		put_row(&rows, subject, names[i], "-", counts[i]);
	close_rows(&rows);
}

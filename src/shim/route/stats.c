/* SPDX-License-Identifier: MIT */
/* Writes the counts of stats.h as rows of text, with system calls only: no malloc and no stdio. */
#include <fcntl.h>
#include <string.h>
#include "shim/config/settings.h"
#include "shim/route/stats.h"
#include "shim/base/strview.h"
#include "shim/base/sys.h"

struct stats_stripe stats_stripes[STATS_STRIPES];

bool stats_late;

static char *put_text(char *at, const char *text)
{
	return stpcpy(at, text);
}

/*
 * Returns a count and sets it to 0. Reads it first: most are 0, and a page that is only read stays
 * shared with the parent process.
 */
static uint64_t take_count(_Atomic uint64_t *count)
{
	if (!atomic_load_explicit(count, memory_order_relaxed))
		return 0;
	return atomic_exchange_explicit(count, 0, memory_order_relaxed);
}

static uint64_t take_total(size_t call, size_t reason)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < STATS_STRIPES; i++)
		sum += take_count(&stats_stripes[i].counts[call][reason]);
	return sum;
}

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

/* Appends the row "PID PROGRAM SUBJECT WHAT WHY COUNT", separated by tabs. */
static char *put_fields(char *at, const char *program, const char *subject, const char *what,
			const char *why, uint64_t count)
{
	at = strview_put_number(at, (uint64_t)sys0(SYS_getpid));
	at = put_text(put_text(at, "\t"), program);
	at = put_text(put_text(at, "\t"), subject);
	at = put_text(put_text(at, "\t"), what);
	at = put_text(put_text(at, "\t"), why);
	at = strview_put_number(put_text(at, "\t"), count);
	return put_text(at, "\n");
}

static char *put_row(char *at, const char *program, size_t call, size_t reason, uint64_t count)
{
	if (reason == REASON_RING)
		return put_fields(at, program, call_names[call].name, "ring", "-", count);
	return put_fields(at, program, call_names[call].name, "direct", reason_names[reason],
			  count);
}

/* Each write consists of whole rows, so that rows of several processes do not mix. */
static void write_rows(long fd)
{
	char rows[1024];
	char *at = rows;
	char program[32];

	program_name(program);
	for (size_t call = 0; call < CALL_COUNT; call++) {
		for (size_t reason = 0; reason < REASON_COUNT; reason++) {
			uint64_t count = take_total(call, reason);

			if (!count)
				continue;
			if (at > rows + sizeof(rows) - 128) {
				sys3(SYS_write, fd, (long)rows, at - rows);
				at = rows;
			}
			at = put_row(at, program, call, reason, count);
		}
	}
	sys3(SYS_write, fd, (long)rows, at - rows);
}

static bool has_counts(void)
{
	for (size_t i = 0; i < STATS_STRIPES; i++)
		for (size_t call = 0; call < CALL_COUNT; call++)
			for (size_t reason = 0; reason < REASON_COUNT; reason++)
				if (stats_stripes[i].counts[call][reason])
					return true;
	return false;
}

/* Opens the file that RINGSHIM_STATS names. Returns a negative number if there is none. */
static long open_file(void)
{
	if (!settings.stats || thread_is_vfork_child() || sys_forbidden())
		return -1;
	return sys4(SYS_openat, AT_FDCWD, (long)settings.stats,
		    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
}

void stats_write(void)
{
	long fd = settings.stats && has_counts() ? open_file() : -1;

	if (fd < 0)
		return;
	write_rows(fd);
	sys1(SYS_close, fd);
}

void stats_append(const char *subject, const char *const names[], const uint64_t counts[],
		  size_t count)
{
	long fd = open_file();
	char rows[1024], program[32];
	char *at = rows;

	if (fd < 0)
		return;
	program_name(program);
	for (size_t i = 0; i < count && at <= rows + sizeof(rows) - 128; i++)
		if (counts[i])
			at = put_fields(at, program, subject, names[i], "-", counts[i]);
	sys3(SYS_write, fd, (long)rows, at - rows);
	sys1(SYS_close, fd);
}

void stats_end(void)
{
	stats_write();
	stats_late = settings.stats;
}

void stats_forget(void)
{
	for (size_t i = 0; i < STATS_STRIPES; i++)
		for (size_t call = 0; call < CALL_COUNT; call++)
			for (size_t reason = 0; reason < REASON_COUNT; reason++)
				take_count(&stats_stripes[i].counts[call][reason]);
}

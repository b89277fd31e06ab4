/* SPDX-License-Identifier: MIT */
/* Reads system call counts from the summaries that strace -c writes. */
#include "config.h"

#include "cli/counts.h"

#include "cli/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct count *row_named(struct counts *counts, const char *name)
{
	struct count *row;

	for (size_t i = 0; i < counts->count; i++)
		if (!strcmp(counts->rows[i].name, name))
			return &counts->rows[i];
	counts->rows = grow(counts->rows, counts->count + 1, sizeof(*counts->rows));
	row = &counts->rows[counts->count++];
	*row = (struct count){ 0 };
	snprintf(row->name, sizeof(row->name), "%s", name);
	return row;
}

/*
 * Adds a line "% time  seconds  usecs/call  calls  [errors]  syscall". Returns 1 if line is such
 * a line, else 0. strace prints one table for each architecture of a program; they are added up.
 */
static size_t add_line(struct counts *counts, const char *line, int which)
{
	unsigned long long calls, errors;
	char name[48];
	double share, spent, each;

	if (sscanf(line, "%lf %lf %lf %llu %llu %47s", &share, &spent, &each, &calls, &errors,
		   name) != 6 &&
	    sscanf(line, "%lf %lf %lf %llu %47[a-zA-Z0-9_]", &share, &spent, &each, &calls, name) !=
		    5)
		return 0;
	if (!strcmp(name, "total"))
		return 0;
	row_named(counts, name)->calls[which] += calls;
	return 1;
}

size_t counts_add_summary(struct counts *counts, int fd, int which)
{
	FILE *file = fdopen(fcntl(fd, F_DUPFD_CLOEXEC, 3), "r");
	char *line = NULL;
	size_t size = 0, rows = 0;

	if (!file)
		die("cannot read strace's summary: %m");
	rewind(file);
	while (getline(&line, &size, file) > 0)
		rows += add_line(counts, line, which);
	free(line);
	fclose(file);
	return rows;
}

long long count_change(const struct count *row)
{
	return (long long)(row->calls[SHIMMED] - row->calls[NATIVE]);
}

static int by_change(const void *left, const void *right)
{
	const struct count *a = left, *b = right;
	long long x = llabs(count_change(a)), y = llabs(count_change(b));

	if (x != y)
		return x < y ? 1 : -1;
	return strcmp(a->name, b->name);
}

void counts_sort(struct counts *counts)
{
	if (counts->count)
		qsort(counts->rows, counts->count, sizeof(*counts->rows), by_change);
}

/* SPDX-License-Identifier: MIT */
/* Prints the tables of `ringshim compare`: system call counts and times. */
#include "config.h"

#include "cli/table.h"

#include <string.h>

#define TOTAL "all system calls"

static void heading(FILE *to, const char *first, int width)
{
	fprintf(to, "%-*s  %12s  %12s  %12s\n", width, first, "native", "shim", "change");
}

static void print_row(FILE *to, const struct count *row, int width)
{
	fprintf(to, "%-*s  %12llu  %12llu  %+12lld\n", width, row->name, row->calls[NATIVE],
		row->calls[SHIMMED], count_change(row));
}

void table_counts(FILE *to, const struct counts *counts, bool all)
{
	struct count total = { .name = TOTAL };
	int width = strlen(TOTAL), rows = 0;

	for (size_t i = 0; i < counts->count; i++) {
		const struct count *row = &counts->rows[i];

		total.calls[NATIVE] += row->calls[NATIVE];
		total.calls[SHIMMED] += row->calls[SHIMMED];
		if ((int)strlen(row->name) > width)
			width = strlen(row->name);
	}
	heading(to, "system call", width);
	for (size_t i = 0; i < counts->count; i++) {
		if (!all && !count_change(&counts->rows[i]))
			continue;
		print_row(to, &counts->rows[i], width);
		rows++;
	}
	if (!rows)
		fputs("(no count differs)\n", to);
	print_row(to, &total, width);
}

static void print_time(FILE *to, const char *name, const double seconds[2])
{
	fprintf(to, "%-*s  %12.3f  %12.3f  %+12.3f\n", (int)strlen(TOTAL), name, seconds[NATIVE],
		seconds[SHIMMED], seconds[SHIMMED] - seconds[NATIVE]);
}

void table_times(FILE *to, const struct times *times, bool cold, const char *how)
{
	fprintf(to, "\nSeconds%s, %s:\n", cold ? " from cold caches" : "", how);
	print_time(to, "wall time", times->wall);
	print_time(to, "CPU time", times->cpu);
}

#ifndef RINGSHIM_CLI_TABLE_H
#define RINGSHIM_CLI_TABLE_H

#include "cli/counts.h"

#include <stdbool.h>
#include <stdio.h>

/* Seconds, [NATIVE] and [SHIMMED]. */
struct times {
	double wall[2];
	double cpu[2];
};

/* The rows whose counts differ, or with ALL every row, and the totals of all of them. */
void table_counts(FILE *to, const struct counts *counts, bool all);

/* HOW says what was timed. */
void table_times(FILE *to, const struct times *times, const char *how);

#endif

/* SPDX-License-Identifier: MIT */
/* Prints the tables of `ringshim compare`. */
#ifndef RINGSHIM_CLI_TABLE_H
#define RINGSHIM_CLI_TABLE_H

#include "cli/counts.h"

#include <stdbool.h>
#include <stdio.h>

/* In seconds; [NATIVE] and [SHIMMED]. */
struct times {
	double wall[2];
	double cpu[2];
};

/* Prints the rows whose counts differ, or every row if all is set; then the totals of all rows. */
void table_counts(FILE *to, const struct counts *counts, bool all);

/* Prints the times. cold: each run started cold. how: text that says how they were measured. */
void table_times(FILE *to, const struct times *times, bool cold, const char *how);

#endif

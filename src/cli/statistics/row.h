/* SPDX-License-Identifier: MIT */
/* Reads the rows that the preload library appends to the file of RINGSHIM_STATS. */
#ifndef RINGSHIM_CLI_STATISTICS_ROW_H
#define RINGSHIM_CLI_STATISTICS_ROW_H

#include <stdbool.h>
#include <stdio.h>

/* The fields of a row, in their order. ringshim(7) says what they mean. */
struct row {
	long pid;
	char program[32];
	char subject[32];
	char what[32];
	char why[32];
	unsigned long long count;
};

/* Reads the next row. Leaves out lines that are none. Returns false at the end of the file. */
bool row_read(FILE *file, struct row *row);

#endif

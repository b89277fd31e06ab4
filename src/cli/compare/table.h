/* SPDX-License-Identifier: MIT */
/* Prints the tables of `ringshim compare`. */
#ifndef RINGSHIM_CLI_COMPARE_TABLE_H
#define RINGSHIM_CLI_COMPARE_TABLE_H

#include "cli/measure/amounts.h"
#include "cli/strace/counts.h"
#include "cli/strace/tracees.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Prints the program's calls: the rows whose counts differ, or every row if all is set. Then the
 * library's own calls, and the totals of all.
 */
void table_counts(FILE *to, const struct counts *counts, bool all);

/* Prints the calls of each process, if one of the runs, [NATIVE] and [SHIMMED], had several. */
void table_processes(FILE *to, const struct tracees runs[2]);

/* Prints what single runs took. traced: under strace, where not every amount means something. */
void table_amounts(FILE *to, const struct amounts runs[2], bool traced);

/* Prints the medians of count runs of each kind, and between which bounds they are. */
void table_spreads(FILE *to, const struct amounts *const runs[2], int count);

#endif

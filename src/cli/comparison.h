/* SPDX-License-Identifier: MIT */
/* The state of `ringshim compare`, and its steps: the runs, the timed runs, the report. */
#ifndef RINGSHIM_CLI_COMPARISON_H
#define RINGSHIM_CLI_COMPARISON_H

#include "cli/capture.h"
#include "cli/counts.h"
#include "cli/fetches.h"
#include "cli/measure.h"
#include "cli/preload.h"
#include "cli/table.h"

#include <stdbool.h>
#include <stdio.h>

#define MAX_ROUNDS 1000

enum { OUTPUT, ERROR };

/* One comparison: the options (first part) and the results. */
struct comparison {
	struct preload preload;
	bool all;	   /* --all */
	bool cold;	   /* --cold */
	bool show;	   /* --show */
	bool strict;	   /* --strict */
	int rounds;	   /* --time: number of runs of each kind without strace */
	const char *table; /* --output: name of the file */

	char *strace;
	FILE *report;
	struct input input;
	struct counts counts;
	struct fetches fetches;
	struct outcome outcomes[2];
	struct capture captures[2][2]; /* [run][OUTPUT or ERROR] */
};

/* Runs CMD both ways under strace. Returns 0, or an exit status after printing an error. */
int comparison_run(struct comparison *c);

/*
 * Runs CMD without strace as often as --time asks and stores the median times. Returns 0, or an
 * exit status after printing an error.
 */
int comparison_time(struct comparison *c, struct times *times);

/* Prints what differs and the table. Returns the exit status. */
int comparison_report(struct comparison *c);

#endif

/* SPDX-License-Identifier: MIT */
/* The state of `ringshim compare`, and its steps: the traced runs, the measured runs, the report. */
#ifndef RINGSHIM_CLI_COMPARE_COMPARISON_H
#define RINGSHIM_CLI_COMPARE_COMPARISON_H

#include "cli/measure/capture.h"
#include "cli/strace/counts.h"
#include "cli/measure/fetches.h"
#include "cli/measure/measure.h"
#include "cli/preload.h"
#include "cli/compare/table.h"
#include "cli/strace/trace.h"

#include <stdbool.h>
#include <stdio.h>

enum { RUNS_MAX = 1000 };

enum { OUTPUT, ERROR };

/* What was the same in the native run and in the one under the shim. */
struct sameness {
	bool ending, output,
		error; /* with --show the outputs are not compared, and count as same */
};

/* One comparison: the options (first part) and the results. */
struct comparison {
	struct preload preload;
	bool all;	   /* --all */
	bool json;	   /* --json */
	bool cold;	   /* --cold */
	bool show;	   /* --show */
	bool strict;	   /* --strict */
	int runs;	   /* --runs: number of runs of each kind without strace */
	const char *table; /* --output: name of the file */
	const char *svg;   /* --svg: name of the file */

	char *strace;
	FILE *report;
	FILE *picture;
	struct input input;
	struct counts counts;
	struct fetches fetches;
	struct trace traces[2];
	struct outcome outcomes[2];
	struct amounts *amounts[2];    /* of the runs without strace */
	struct capture captures[2][2]; /* [run][OUTPUT or ERROR] */
	struct sameness same;
};

/* Runs CMD both ways under strace. Returns 0, or an exit status after printing an error. */
int comparison_run(struct comparison *c);

/*
 * Runs CMD without strace as often as --runs asks, and stores what it took. Returns 0, or an exit
 * status after printing an error.
 */
int comparison_measure(struct comparison *c);

/* Prints what differs, and writes the table or JSON and the picture. Returns the exit status. */
int comparison_report(struct comparison *c);

/* Returns true if nothing differs that the options count. */
bool comparison_is_same(const struct comparison *c);

/* Writes all results as one JSON object, which ringshim-compare(1) describes. */
void comparison_write_json(struct comparison *c);

#endif

#ifndef RINGSHIM_CLI_COMPARISON_H
#define RINGSHIM_CLI_COMPARISON_H

#include "cli/capture.h"
#include "cli/counts.h"
#include "cli/measure.h"
#include "cli/preload.h"
#include "cli/table.h"

#include <stdbool.h>
#include <stdio.h>

#define MAX_ROUNDS 1000

enum { OUTPUT, ERROR };

/* What `ringshim compare` was asked for, and what it found. */
struct comparison {
	struct preload preload;
	bool all;		/* --all */
	bool show;		/* --show */
	bool strict;		/* --strict */
	int rounds;		/* --time: runs of each kind without strace */
	const char *table;	/* --output */

	char *strace;
	FILE *report;
	struct input input;
	struct counts counts;
	struct outcome outcomes[2];
	struct capture captures[2][2];	/* of each run: standard output and error */
};

/* Both runs under strace. 0, or an exit status after saying what went wrong. */
int comparison_run(struct comparison *c);

/* The runs without strace that --time asks for; the same. */
int comparison_time(struct comparison *c, struct times *times);

/* Says what differs, prints the table; the exit status. */
int comparison_report(struct comparison *c);

#endif

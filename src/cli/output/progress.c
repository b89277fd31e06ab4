/* SPDX-License-Identifier: MIT */
/* A line on a terminal that says which of many runs goes on. */
#include "config.h"

#include "cli/output/progress.h"

#include "cli/output/screen.h"
#include "shim/base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_MAX_COLUMNS = SCREEN_WIDTH - 1 };

/* Of the whole command. */
static struct {
	bool is_wanted;
	int runs, run;
	const char *label;
	long long begin; /* milliseconds */
	long long shown; /* whole seconds since the beginning that the line says; 0: no line yet */
	int columns;	 /* of the line on the terminal */
} progress;

static long long now(void)
{
	return monotonic_now() / 1000000;
}

void progress_begin(int runs)
{
	progress.is_wanted = isatty(STDERR_FILENO);
	progress.runs = runs;
	progress.begin = now();
}

void progress_next_run(const char *label)
{
	progress.run++;
	progress.label = label;
}

int progress_timeout(void)
{
	long long left;

	if (!progress.is_wanted)
		return -1;
	left = progress.begin + (progress.shown + 1) * 1000 - now();
	return left > 0 ? (int)left : 0;
}

void progress_show(void)
{
	long long seconds = (now() - progress.begin) / 1000;
	char line[LINE_MAX_COLUMNS + 1];

	if (!progress.is_wanted || seconds <= progress.shown)
		return;
	progress_erase();
	progress.shown = seconds;
	snprintf(line, sizeof(line), "ringshim: run %d of %d (%s), %lld s so far", progress.run,
		 progress.runs, progress.label, seconds);
	progress.columns = fprintf(stderr, "%s", line);
	fflush(stderr);
}

void progress_erase(void)
{
	if (progress.columns > 0) {
		fprintf(stderr, "\r%*s\r", progress.columns, "");
		fflush(stderr);
	}
	progress.columns = 0;
}

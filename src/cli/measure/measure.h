/* SPDX-License-Identifier: MIT */
/* Runs CMD once, relays its input, output and signals, and measures what it takes. */
#ifndef RINGSHIM_CLI_MEASURE_MEASURE_H
#define RINGSHIM_CLI_MEASURE_MEASURE_H

#include "cli/measure/amounts.h"
#include "cli/measure/capture.h"
#include "cli/measure/input.h"
#include "cli/strace/trace.h"

/* One run: what to execute, and what it reads and writes. */
struct launch {
	const char *path;
	char **argv;
	char **environment;
	const char *label; /* for messages, such as "native run" */
	struct input *input;
	struct capture *captures; /* for standard output and error; NULL: not captured */
	struct trace *trace;	  /* that the program writes; NULL: none */
};

struct outcome {
	int status;		/* of wait(2) */
	struct amounts amounts; /* from its start to its end, with children that it waited for */
};

/* Call once, before the first run. From then on, signals to ringshim are passed on to CMD. */
void measure_prepare(void);

/*
 * Runs the program and waits until it and all processes that it left behind have ended. Returns 0,
 * or an exit status after printing why it could not be run.
 */
int measure(const struct launch *launch, struct outcome *outcome);

#endif

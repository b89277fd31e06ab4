#ifndef RINGSHIM_CLI_MEASURE_H
#define RINGSHIM_CLI_MEASURE_H

#include "cli/capture.h"
#include "cli/input.h"

/* What to execute, and what it reads and writes. */
struct launch {
	const char *path;
	char **argv;
	char **environment;
	const char *label;	/* "native run": for messages */
	struct input *input;
	struct capture *captures;	/* two, of standard output and error; NULL: left alone */
};

struct outcome {
	int status;	/* as wait(2) tells it */
	double wall;	/* seconds from start to end */
	double cpu;	/* seconds of user and system time, with those of waited-for children */
};

/* To be called once, before the first run: signals from here on are passed on to CMD. */
void measure_prepare(void);

/*
 * Runs the program and waits until it and all that it left behind have ended.
 * 0, or an exit status after saying why it could not be run.
 */
int measure(const struct launch *launch, struct outcome *outcome);

#endif

/* SPDX-License-Identifier: MIT */
/* Runs CMD for `ringshim compare`: under strace to count system calls, without it to measure what CMD takes. */
#include "config.h"

#include "cli/compare/comparison.h"

#include "cli/cli.h"
#include "cli/measure/cold.h"
#include "cli/output/progress.h"
#include "cli/strace/strace.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const labels[] = { "native run", "run under the shim" };

/* Says that strace failed. Repeats strace's own messages from the run's standard error. */
static void say_no_calls(const struct comparison *c, int which)
{
	char *text_of_error = NULL, *line;
	size_t size = 0;
	FILE *file;

	say("%s: strace counted no system call; check that this user may "
	    "trace programs (ptrace(2))",
	    labels[which]);
	if (c->show)
		return;
	file = fdopen(fcntl(c->captures[which][ERROR].file, F_DUPFD_CLOEXEC, 3), "r");
	if (!file)
		return;
	rewind(file);
	while (getline(&text_of_error, &size, file) > 0) {
		line = text_of_error;
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "strace: ", 8))
			say("%s", line);
	}
	free(text_of_error);
	fclose(file);
}

static int start_and_measure(struct comparison *c, int which, const struct launch *launch,
			     struct outcome *outcome)
{
	int status = c->cold ? caches_drop() : 0;

	if (status)
		return status;
	if (which == NATIVE)
		return measure(launch, outcome);
	fetches_begin(&c->fetches);
	status = measure(launch, outcome);
	fetches_end(&c->fetches);
	return status;
}

static int traced_run(struct comparison *c, int which)
{
	const struct variables none = { 0 };
	const struct variables *variables = which == SHIMMED ? &c->preload.shimmed :
							       &c->preload.native;
	struct trace *trace = &c->traces[which];
	struct launch launch = {
		.path = c->strace,
		.argv = strace_arguments(c->preload.program.argv, variables, trace->pipe[1]),
		.environment = variables_environment(&none),
		.label = labels[which],
		.input = &c->input,
		.captures = c->show ? NULL : c->captures[which],
		.trace = trace,
	};
	int status;

	if (c->show)
		say("%s:", labels[which]);
	status = start_and_measure(c, which, &launch, &c->outcomes[which]);
	trace_close(trace);
	if (!status && !trace->calls) {
		say_no_calls(c, which);
		status = EXIT_TROUBLE;
	}
	return status;
}

static int untraced_run(struct comparison *c, int which, struct outcome *outcome)
{
	struct capture captures[2];
	struct launch launch = {
		.path = c->preload.program.path,
		.argv = c->preload.program.argv,
		.environment = variables_environment(which == SHIMMED ? &c->preload.shimmed :
									&c->preload.native),
		.label = labels[which],
		.input = &c->input,
		.captures = c->show ? NULL : captures,
	};
	int status;

	capture_open(&captures[OUTPUT]);
	capture_open(&captures[ERROR]);
	status = start_and_measure(c, which, &launch, outcome);
	capture_close(&captures[OUTPUT]);
	capture_close(&captures[ERROR]);
	return status;
}

/* Alternates between native and shimmed runs, so that a change of the load affects both. */
int comparison_measure(struct comparison *c)
{
	for (int which = NATIVE; which <= SHIMMED; which++)
		c->amounts[which] = grow(NULL, c->runs + 1, sizeof(struct amounts));
	for (int i = 0; i < 2 * c->runs; i++) {
		int which = i % 2 ? SHIMMED : NATIVE;
		struct outcome outcome;
		int status = untraced_run(c, which, &outcome);

		if (status)
			return status;
		if (outcome.status != c->outcomes[NATIVE].status)
			say("warning: a run without strace (%s) ended differently from the first "
			    "native run",
			    labels[which]);
		c->amounts[which][i / 2] = outcome.amounts;
	}
	return 0;
}

int comparison_run(struct comparison *c)
{
	int status = 0;

	input_open(&c->input);
	measure_prepare();
	if (!c->show)
		progress_begin(2 + 2 * c->runs);
	for (int which = NATIVE; which <= SHIMMED && !status; which++) {
		trace_open(&c->traces[which], &c->counts, which,
			   which == SHIMMED ? c->preload.library : NULL);
		capture_open(&c->captures[which][OUTPUT]);
		capture_open(&c->captures[which][ERROR]);
		status = traced_run(c, which);
	}
	return status;
}

#include "config.h"

#include "cli/capture.h"
#include "cli/cli.h"
#include "cli/counts.h"
#include "cli/difference.h"
#include "cli/measure.h"
#include "cli/preload.h"
#include "cli/settings.h"
#include "cli/strace.h"
#include "cli/table.h"
#include "cli/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ROUNDS 1000

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

static const char *const labels[] = { "native run", "run under the shim" };

static int take_all(void *into, const struct option_spec *spec, const char *value)
{
	struct comparison *c = into;

	c->all = true;
	return 0;
}

static int take_show(void *into, const struct option_spec *spec, const char *value)
{
	struct comparison *c = into;

	c->show = true;
	return 0;
}

static int take_strict(void *into, const struct option_spec *spec, const char *value)
{
	struct comparison *c = into;

	c->strict = true;
	return 0;
}

static int take_output(void *into, const struct option_spec *spec, const char *value)
{
	struct comparison *c = into;

	c->table = value;
	return 0;
}

static int take_time(void *into, const struct option_spec *spec, const char *value)
{
	struct comparison *c = into;
	char *end;
	long n;

	n = value ? strtol(value, &end, 10) : 1;
	if (value && (end == value || *end || n < 1 || n > MAX_ROUNDS)) {
		say("--time=N: '%s' is no number from 1 to %d", value, MAX_ROUNDS);
		return EXIT_USAGE;
	}
	c->rounds = n;
	return 0;
}

static const struct option_spec compare_options[] = {
	{
		.name = "all", .letter = 'a',
		.help = "list the system calls whose counts are equal, too",
		.take = take_all,
	},
	{
		.name = "output", .letter = 'o', .value = "FILE",
		.help = "write the table to FILE",
		.take = take_output,
	},
	{
		.name = "show", .letter = 's',
		.help = "let CMD write where ringshim does, and do not compare\n"
			"what it writes; the table goes to standard error",
		.take = take_show,
	},
	{
		.name = "strict",
		.help = "count a differing standard error as a difference",
		.take = take_strict,
	},
	{
		.name = "time", .value = "N", .value_optional = 1,
		.help = "time N (1) further runs of each kind, without strace,\n"
			"instead of those under strace; prints the medians",
		.take = take_time,
	},
	{ .name = NULL },
};

enum { OUTPUT, ERROR };

/* What strace itself complained about, if anything, is in what it left on standard error. */
static void say_no_summary(const struct comparison *c, int which)
{
	char *text_of_error = NULL, *line;
	size_t size = 0;
	FILE *file;

	say("%s: strace counted nothing; may this user trace programs here (ptrace(2))?", labels[which]);
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

static int traced_run(struct comparison *c, int which)
{
	const struct variables none = { 0 };
	const struct variables *variables =
		which == SHIMMED ? &c->preload.shimmed : &c->preload.native;
	int summary = temp_file();
	struct launch launch = {
		.path = c->strace,
		.argv = strace_arguments(c->preload.program.argv, variables, summary),
		.environment = variables_environment(&none),
		.label = labels[which],
		.input = &c->input,
		.captures = c->show ? NULL : c->captures[which],
	};
	int status;

	if (c->show)
		say("%s:", labels[which]);
	status = measure(&launch, &c->outcomes[which]);
	if (!status && !counts_add_summary(&c->counts, summary, which)) {
		say_no_summary(c, which);
		status = EXIT_TROUBLE;
	}
	close(summary);
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
	status = measure(&launch, outcome);
	capture_close(&captures[OUTPUT]);
	capture_close(&captures[ERROR]);
	return status;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *values, int n)
{
	qsort(values, n, sizeof(*values), by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Natively and under the shim by turns, so that a change of the load hits both. */
static int timed_runs(struct comparison *c, struct times *times)
{
	double wall[2][MAX_ROUNDS], cpu[2][MAX_ROUNDS];

	for (int i = 0; i < c->rounds; i++) {
		for (int which = NATIVE; which <= SHIMMED; which++) {
			struct outcome outcome;
			int status = untraced_run(c, which, &outcome);

			if (status)
				return status;
			if (outcome.status != c->outcomes[NATIVE].status)
				say("warning: a run for the times (%s) ended differently", labels[which]);
			wall[which][i] = outcome.wall;
			cpu[which][i] = outcome.cpu;
		}
	}
	for (int which = NATIVE; which <= SHIMMED; which++) {
		times->wall[which] = median(wall[which], c->rounds);
		times->cpu[which] = median(cpu[which], c->rounds);
	}
	return 0;
}

static int take_times(struct comparison *c, struct times *times, char **how)
{
	if (c->rounds) {
		*how = c->rounds == 1 ? text("of a further run of each kind, without strace") :
			text("medians of %d further runs of each kind, without strace", c->rounds);
		return timed_runs(c, times);
	}
	for (int which = NATIVE; which <= SHIMMED; which++) {
		times->wall[which] = c->outcomes[which].wall;
		times->cpu[which] = c->outcomes[which].cpu;
	}
	*how = text("under strace, which slows every system call down (see --time)");
	return 0;
}

/* Also CMD's own complaints: without them a failing CMD would fail silently. */
static void show_errors(const struct comparison *c)
{
	char chunk[4096];
	long long at = 0;
	ssize_t n;

	if (c->show || !c->outcomes[NATIVE].status)
		return;
	while ((n = pread(c->captures[NATIVE][ERROR].file, chunk, sizeof(chunk), at)) > 0) {
		fwrite(chunk, 1, n, stderr);
		at += n;
	}
}

static bool same_outcome(const struct comparison *c)
{
	bool same = c->outcomes[NATIVE].status == c->outcomes[SHIMMED].status;
	char *native, *shimmed;

	if (!same) {
		native = ending_of(c->outcomes[NATIVE].status);
		shimmed = ending_of(c->outcomes[SHIMMED].status);
		say("CMD ended differently: natively with %s, under the shim with %s", native, shimmed);
		free(native);
		free(shimmed);
	}
	if (c->show)
		return same;
	same &= same_output("standard output", c->captures[NATIVE][OUTPUT].file,
			    c->captures[SHIMMED][OUTPUT].file);
	if (!same_output(c->strict ? "standard error" : "note: standard error",
			 c->captures[NATIVE][ERROR].file,
			 c->captures[SHIMMED][ERROR].file) && c->strict)
		same = false;
	return same;
}

static void print_outcome(const struct comparison *c, bool same)
{
	char *ending = ending_of(c->outcomes[NATIVE].status);

	fputs("\nOutcome: ", c->report);
	if (!same)
		fputs("NOT the same in both runs\n", c->report);
	else if (c->show)
		fprintf(c->report, "the same in both runs (%s)\n", ending);
	else
		fprintf(c->report, "the same in both runs (%s, %lld bytes of standard output)\n",
			ending, size_of(c->captures[NATIVE][OUTPUT].file));
	free(ending);
}

static int run_both(struct comparison *c)
{
	int status = 0;

	input_open(&c->input);
	measure_prepare();
	for (int which = NATIVE; which <= SHIMMED && !status; which++) {
		capture_open(&c->captures[which][OUTPUT]);
		capture_open(&c->captures[which][ERROR]);
		status = traced_run(c, which);
	}
	return status;
}

static int report(struct comparison *c)
{
	struct times times;
	char *how;
	bool same;
	int status;

	status = take_times(c, &times, &how);
	if (status)
		return status;
	show_errors(c);
	same = same_outcome(c);
	counts_sort(&c->counts);
	table_counts(c->report, &c->counts, c->all);
	table_times(c->report, &times, how);
	print_outcome(c, same);
	free(how);
	if (fflush(c->report) || ferror(c->report))
		die("cannot write the table: %m");
	return same ? EXIT_SUCCESS : EXIT_DIFFERENT;
}

/* Opened before anything is run, so that no run is wasted. */
static int open_report(struct comparison *c)
{
	c->report = c->show ? stderr : stdout;
	if (!c->table)
		return 0;
	c->report = fopen(c->table, "we");
	if (c->report)
		return 0;
	say("cannot write the table to %s: %m", c->table);
	return EXIT_TROUBLE;
}

/* Descriptors 0 to 2 are dealt out to CMD, so something has to be there. */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int compare(const struct subcommand *self, int argc, char **argv)
{
	struct comparison c = { 0 };
	const struct option_group groups[] = {
		{ "Options", compare_options, &c },
		{ "The library", preload_options, &c.preload },
		{ "Settings of the shim", settings_options, &c.preload.shimmed },
		{ NULL, NULL, NULL },
	};
	int status;

	status = options_parse(self, groups, &argc, &argv);
	if (status >= 0)
		return status;
	fill_standard_descriptors();
	status = preload_prepare(&c.preload, argv);
	if (status)
		return status;
	c.strace = strace_find();
	if (!c.strace)
		return EXIT_TROUBLE;
	status = open_report(&c);
	if (!status)
		status = run_both(&c);
	if (!status)
		status = report(&c);
	return status;
}

const struct subcommand cmd_compare = {
	.name = "compare",
	.synopsis = "[OPTION]... -- CMD [ARG]...",
	.summary = "run a program natively and under the shim, and tell the differences",
	.help = "Runs CMD natively and then under the shim, both under strace, and prints how often\n"
		"each run made each system call, and how long it took. What CMD writes to standard\n"
		"output and standard error is compared but not shown (see --show). Exit status 3:\n"
		"CMD ended or wrote differently in the two runs.\n",
	.main = compare,
};

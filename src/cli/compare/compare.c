/* SPDX-License-Identifier: MIT */
/* `ringshim compare`: its options, and the order of its steps. */
#include "config.h"

#include "cli/cli.h"
#include "cli/measure/cold.h"
#include "cli/compare/comparison.h"
#include "cli/output/output.h"
#include "cli/settings.h"
#include "cli/strace/strace.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int take_all(void *into, const struct option_spec *spec, const char *value)
{
	struct comparison *c = into;

	c->all = true;
	return 0;
}

static int take_cold(void *into, const struct option_spec *spec, const char *value)
{
	struct comparison *c = into;

	c->cold = true;
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

static int take_runs(void *into, const struct option_spec *spec, const char *value)
{
	struct comparison *c = into;
	char *end;
	long n = strtol(value, &end, 10);

	if (end == value || *end || n < 1 || n > RUNS_MAX) {
		say("--runs=%s: accepted is a number from 1 to %d", value, RUNS_MAX);
		return EXIT_USAGE;
	}
	c->runs = (int)n;
	return 0;
}

static int take_svg(void *into, const struct option_spec *spec, const char *value)
{
	struct comparison *c = into;

	if (!*value) {
		say("--svg=FILE: a file name is needed");
		return EXIT_USAGE;
	}
	c->svg = value;
	return 0;
}

static const struct option_spec compare_options[] = {
	{
		.name = "all",
		.letter = 'a',
		.help = "also list the system calls whose counts are equal",
		.take = take_all,
	},
	{
		.name = "cold",
		.help = "write dirty data to the disks and drop the kernel's\n"
			"caches before each run, so that all runs start cold;\n"
			"for root",
		.take = take_cold,
	},
	{
		.name = "output",
		.letter = 'o',
		.value = "FILE",
		.help = "write the table, or the JSON, to FILE",
		.take = take_output,
	},
	{
		.name = "runs",
		.letter = 'n',
		.value = "RUNS",
		.help = "print the medians of RUNS further runs of each kind,\n"
			"without strace, instead of what the runs under strace\n"
			"took",
		.take = take_runs,
	},
	{
		.name = "show",
		.letter = 's',
		.help = "let CMD write to the standard output and error of\n"
			"ringshim, and do not compare what it writes; the\n"
			"table goes to standard error",
		.take = take_show,
	},
	{
		.name = "strict",
		.help = "count a differing standard error as a difference",
		.take = take_strict,
	},
	{
		.name = "svg",
		.value = "FILE",
		.help = "draw the counts of system calls that differ most, and\n"
			"write the picture to FILE",
		.take = take_svg,
	},
	{ .name = NULL },
};

/* Opens what is to be written before any run, so that a failure here wastes no run. */
static int open_outputs(struct comparison *c)
{
	c->report = c->table ? output_open(c->table, c->json ? "JSON" : "table") :
		c->show	     ? stderr :
			       stdout;
	if (!c->report)
		return EXIT_TROUBLE;
	c->picture = c->svg ? output_open(c->svg, "picture") : NULL;
	return c->svg && !c->picture ? EXIT_TROUBLE : 0;
}

/* Opens /dev/null on those of the descriptors 0 to 2 that are closed, since CMD gets all three. */
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
		{ "", json_options, &c.json },
		{ "The library", preload_options, &c.preload },
		{ "Settings of the shim", settings_options(), &c.preload.shimmed },
		{ NULL, NULL, NULL },
	};
	int status;

	status = options_parse(self, groups, &argc, &argv);
	if (status >= 0)
		return status;
	status = settings_check(&c.preload.shimmed);
	if (status)
		return status;
	fill_standard_descriptors();
	status = preload_prepare(&c.preload, argv);
	if (status)
		return status;
	fetches_prepare(&c.fetches, &c.preload.shimmed);
	c.strace = strace_find();
	if (!c.strace)
		return EXIT_TROUBLE;
	if (c.cold)
		status = caches_prepare();
	if (!status)
		status = open_outputs(&c);
	if (!status)
		status = comparison_run(&c);
	if (!status)
		status = comparison_measure(&c);
	if (!status)
		status = comparison_report(&c);
	return status;
}

const struct subcommand cmd_compare = {
	.name = "compare",
	.synopsis = "[OPTION]... -- CMD [ARG]...",
	.summary = "run a program natively and under the shim, and show the differences",
	.help = "Runs CMD natively and then under the shim, both under strace, and prints how often\n"
		"each run made each system call, and what it took. What CMD writes to standard\n"
		"output and standard error is compared but not shown (see --show). With --ahead,\n"
		"what was fetched ahead is counted. Exit status 3: CMD ended or wrote differently\n"
		"in the two runs.\n",
	.main = compare,
};

/* SPDX-License-Identifier: MIT */
/* Prints the report of `ringshim compare`: differences, system call counts and times. */
#include "config.h"

#include "cli/compare/comparison.h"

#include "cli/cli.h"
#include "cli/compare/difference.h"
#include "cli/compare/picture.h"
#include "cli/output/progress.h"
#include "uring/uring.h"

#include <stdlib.h>
#include <unistd.h>

/* The fetches that are counted last are those of the run that is measured last. */
static const char *which_fetches(const struct comparison *c)
{
	if (!c->runs)
		return "under strace, where every call seems slow (see -n)";
	return c->runs == 1 ? "in the run without strace" : "in the last run without strace";
}

static void print_amounts(const struct comparison *c)
{
	const char *cold = c->cold ? " from cold caches" : "";

	if (!c->runs) {
		fprintf(c->report,
			"\nMeasured%s under strace, which slows every call down (see -n):\n", cold);
		table_amounts(c->report,
			      (struct amounts[]){ c->outcomes[NATIVE].amounts,
						  c->outcomes[SHIMMED].amounts },
			      true);
	} else if (c->runs == 1) {
		fprintf(c->report, "\nMeasured%s in a run of each kind without strace:\n", cold);
		table_amounts(c->report,
			      (struct amounts[]){ c->amounts[NATIVE][0], c->amounts[SHIMMED][0] },
			      false);
	} else {
		fprintf(c->report,
			"\nMeasured%s in %d runs of each kind without strace, medians:\n", cold,
			c->runs);
		table_spreads(c->report, (const struct amounts *const *)c->amounts, c->runs);
	}
}

/* If CMD failed natively, prints its standard error, so that CMD does not fail silently. */
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

static void report_differences(struct comparison *c)
{
	char *native, *shimmed;

	c->same = (struct sameness){ true, true, true };
	c->same.ending = c->outcomes[NATIVE].status == c->outcomes[SHIMMED].status;
	if (!c->same.ending) {
		native = ending_of(c->outcomes[NATIVE].status);
		shimmed = ending_of(c->outcomes[SHIMMED].status);
		say("CMD ended differently: %s natively, %s under the shim", native, shimmed);
		free(native);
		free(shimmed);
	}
	if (c->show)
		return;
	c->same.output = report_output_difference("standard output",
						  c->captures[NATIVE][OUTPUT].file,
						  c->captures[SHIMMED][OUTPUT].file);
	c->same.error = report_output_difference(
		c->strict ? "standard error" : "note: standard error",
		c->captures[NATIVE][ERROR].file, c->captures[SHIMMED][ERROR].file);
}

bool comparison_is_same(const struct comparison *c)
{
	return c->same.ending && c->same.output && (c->same.error || !c->strict);
}

static void print_outcome(const struct comparison *c)
{
	char *ending = ending_of(c->outcomes[NATIVE].status);

	fputs("\nOutcome: ", c->report);
	if (!comparison_is_same(c))
		fputs("NOT the same in both runs\n", c->report);
	else if (c->show)
		fprintf(c->report, "the same in both runs (%s)\n", ending);
	else
		fprintf(c->report, "the same in both runs (%s, %lld bytes of standard output)\n",
			ending, size_of(c->captures[NATIVE][OUTPUT].file));
	free(ending);
}

/* If no ring can be made, the shim changes nothing. Prints the reason. */
static void print_why_no_ring(const struct comparison *c)
{
	struct uring_support support;

	if (uring_probe(&support))
		fprintf(c->report, "No call went through a ring: %s\n",
			uring_why_text(support.why));
}

static void print_tables(struct comparison *c)
{
	table_counts(c->report, &c->counts, c->all);
	table_processes(c->report,
			(const struct tracees[]){ c->traces[NATIVE].tracees,
						  c->traces[SHIMMED].tracees });
	print_amounts(c);
	fetches_print(c->report, &c->fetches, which_fetches(c));
	print_outcome(c);
	print_why_no_ring(c);
}

/* Dies if not all could be written. */
static void flush(FILE *file, const char *what)
{
	if (fflush(file) || ferror(file))
		die("cannot write the %s: %m", what);
}

int comparison_report(struct comparison *c)
{
	progress_erase();
	show_errors(c);
	report_differences(c);
	counts_sort(&c->counts);
	if (c->json)
		comparison_write_json(c);
	else
		print_tables(c);
	flush(c->report, c->json ? "JSON" : "table");
	if (c->picture) {
		picture_write(c->picture, &c->counts, c->preload.program.argv);
		flush(c->picture, "picture");
	}
	return comparison_is_same(c) ? EXIT_SUCCESS : EXIT_DIFFERENT;
}

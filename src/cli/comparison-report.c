/* SPDX-License-Identifier: MIT */
/* Prints the report of `ringshim compare`: differences, system call counts and times. */
#include "config.h"

#include "cli/comparison.h"

#include "cli/cli.h"
#include "cli/difference.h"
#include "uring/uring.h"

#include <stdlib.h>
#include <unistd.h>

static int take_times(struct comparison *c, struct times *times, char **how)
{
	if (c->rounds) {
		*how = c->rounds == 1 ?
			text("of a further run of each kind, without strace") :
			text("medians of %d further runs of each kind, without strace", c->rounds);
		return comparison_time(c, times);
	}
	for (int which = NATIVE; which <= SHIMMED; which++) {
		times->wall[which] = c->outcomes[which].wall;
		times->cpu[which] = c->outcomes[which].cpu;
	}
	*how = text("under strace, which slows every system call down (see --time)");
	return 0;
}

/* The fetches that are counted last are those of the run that is timed last. */
static const char *which_fetches(const struct comparison *c)
{
	if (!c->rounds)
		return "under strace, where every call seems slow (see --time)";
	return c->rounds == 1 ? "in the further run under the shim" :
				"in the last run under the shim";
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

static bool report_outcome_difference(const struct comparison *c)
{
	bool same = c->outcomes[NATIVE].status == c->outcomes[SHIMMED].status;
	char *native, *shimmed;

	if (!same) {
		native = ending_of(c->outcomes[NATIVE].status);
		shimmed = ending_of(c->outcomes[SHIMMED].status);
		say("CMD ended differently: %s natively, %s under the shim", native, shimmed);
		free(native);
		free(shimmed);
	}
	if (c->show)
		return same;
	same &= report_output_difference("standard output", c->captures[NATIVE][OUTPUT].file,
					 c->captures[SHIMMED][OUTPUT].file);
	if (!report_output_difference(c->strict ? "standard error" : "note: standard error",
				      c->captures[NATIVE][ERROR].file,
				      c->captures[SHIMMED][ERROR].file) &&
	    c->strict)
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

/* If no ring can be made, the shim changes nothing. Prints the reason. */
static void print_why_no_ring(const struct comparison *c)
{
	struct uring_support support;

	if (uring_probe(&support))
		fprintf(c->report, "No call went through a ring: %s\n",
			uring_why_text(support.why));
}

int comparison_report(struct comparison *c)
{
	struct times times;
	char *how;
	bool same;
	int status;

	status = take_times(c, &times, &how);
	if (status)
		return status;
	show_errors(c);
	same = report_outcome_difference(c);
	counts_sort(&c->counts);
	table_counts(c->report, &c->counts, c->all);
	table_times(c->report, &times, c->cold, how);
	fetches_print(c->report, &c->fetches, which_fetches(c));
	print_outcome(c, same);
	print_why_no_ring(c);
	free(how);
	if (fflush(c->report) || ferror(c->report))
		die("cannot write the table: %m");
	return same ? EXIT_SUCCESS : EXIT_DIFFERENT;
}

/* SPDX-License-Identifier: MIT */
/* Prints a summary as a table for people. */
#include "config.h"

#include "cli/cli.h"
#include "cli/output/screen.h"
#include "cli/statistics/summary.h"

#include <stdlib.h>
#include <string.h>

const char *summary_format(char text[SHORT_NUMBER_MAX], uint64_t number)
{
	static const char units[] = "kMGTPE";
	double rest = (double)number;
	size_t unit = 0;

	if (number < 100000) {
		snprintf(text, SHORT_NUMBER_MAX, "%llu", (unsigned long long)number);
		return text;
	}
	for (rest /= 1000; rest >= 999.95 && units[unit + 1]; unit++)
		rest /= 1000;
	snprintf(text, SHORT_NUMBER_MAX, "%.1f%c", rest, units[unit]);
	return text;
}

static void print_heading(FILE *to, const struct summary *summary)
{
	static const char *const states[] = {
		[STATE_RUNNING] = "running",
		[STATE_ENDED] = "ended without a report",
		[STATE_REPORTED] = "reported",
	};
	const uint64_t *process = summary->totals.process;

	screen_word(to, COLOUR_BOLD, summary->program);
	if (summary->processes > 1)
		fprintf(to, ", %u processes, ", summary->processes);
	else
		fprintf(to, ", process %ld, ", summary->pid);
	fprintf(to, "%s. Rings made: %llu. Entries submitted: %llu.\n\n", states[summary->state],
		(unsigned long long)process[PROCESS_RINGS],
		(unsigned long long)process[PROCESS_SUBMISSIONS]);
}

static void print_call(FILE *to, const char *name, uint64_t ring, uint64_t direct,
		       const uint64_t results[RESULT_KINDS])
{
	char text[SHORT_NUMBER_MAX];

	fprintf(to, "%-15s %8s", name, summary_format(text, ring));
	fprintf(to, " %8s", summary_format(text, direct));
	fprintf(to, " %6.1f", ring ? 100.0 * (double)ring / (double)(ring + direct) : 0.0);
	for (size_t kind = 0; kind < RESULT_KINDS; kind++)
		fprintf(to, " %7s", summary_format(text, results[kind]));
	fputc('\n', to);
}

static uint64_t count_direct(const struct stats_totals *totals, size_t call)
{
	uint64_t sum = 0;

	for (size_t reason = 0; reason < REASON_COUNT; reason++)
		if (reason != REASON_RING)
			sum += totals->counts[call][reason];
	return sum;
}

static void print_calls(FILE *to, const struct stats_totals *totals)
{
	uint64_t all[RESULT_KINDS], ring = summary_count_ring(totals);

	fprintf(to, "%-15s %8s %8s %6s %7s %7s %7s %7s %7s\n", "call", "ring", "direct", "ring %",
		"bytes", "errors", "EINTR", "waits", "workers");
	for (size_t call = 0; call < CALL_COUNT; call++) {
		uint64_t direct = count_direct(totals, call);

		if (direct || totals->counts[call][REASON_RING])
			print_call(to, call_names[call].name, totals->counts[call][REASON_RING],
				   direct, totals->results[call]);
	}
	for (size_t kind = 0; kind < RESULT_KINDS; kind++)
		all[kind] = summary_count_results(totals, kind);
	print_call(to, "all calls", ring, summary_count_calls(totals) - ring, all);
}

/* Writes a time with three digits, as in "1.25 ms". */
static const char *format_time(char text[SHORT_NUMBER_MAX], uint64_t ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double rest = (double)ns;
	size_t unit = 0;

	for (; rest >= 999.5 && unit < 3; unit++)
		rest /= 1000;
	snprintf(text, SHORT_NUMBER_MAX, "%.*f %s",
		 !unit || rest >= 99.95 ? 0 :
			 rest >= 9.995	? 1 :
					  2,
		 rest, units[unit]);
	return text;
}

static void print_latency(FILE *to, const struct stats_totals *totals, size_t call)
{
	char text[SHORT_NUMBER_MAX];

	fprintf(to, "%-15s %8s", call_names[call].name,
		summary_format(text, summary_count_latencies(totals, call)));
	fprintf(to, " %9s", format_time(text, summary_find_quantile(totals, call, 0.5)));
	fprintf(to, " %9s", format_time(text, summary_find_quantile(totals, call, 0.99)));
	fprintf(to, " %9s\n", format_time(text, totals->longest[call]));
}

static void print_latencies(FILE *to, const struct stats_totals *totals)
{
	bool any = false;

	for (size_t call = 0; call < CALL_COUNT; call++) {
		if (!summary_count_latencies(totals, call))
			continue;
		if (!any)
			fprintf(to, "\n%-15s %8s %9s %9s %9s\n", "how long", "calls", "p50", "p99",
				"max");
		any = true;
		print_latency(to, totals, call);
	}
}

/* Prints "  reason     CALL COUNT, CALL COUNT ...". */
static void print_reason(FILE *to, const struct stats_totals *totals, size_t reason)
{
	char *list = text("%s", ""), *longer, number[SHORT_NUMBER_MAX];

	for (size_t call = 0; call < CALL_COUNT; call++) {
		if (!totals->counts[call][reason])
			continue;
		longer = text("%s%s%s %s", list, *list ? ", " : "", call_names[call].name,
			      summary_format(number, totals->counts[call][reason]));
		free(list);
		list = longer;
	}
	if (*list) {
		fprintf(to, "  %-20s  ", reason_names[reason]);
		screen_paragraph(to, 24, 24, list);
	}
	free(list);
}

void summary_print(FILE *to, const struct summary *summary)
{
	const struct stats_totals *totals = &summary->totals;

	print_heading(to, summary);
	print_calls(to, totals);
	print_latencies(to, totals);
	if (summary_count_calls(totals) > summary_count_ring(totals))
		fputs("\nDirect, by reason (ringshim(7) explains them):\n", to);
	for (size_t reason = 0; reason < REASON_COUNT; reason++)
		if (reason != REASON_RING)
			print_reason(to, totals, reason);
	if (summary->ahead[0].name[0])
		fputs("\nFetched and synced ahead:\n", to);
	for (size_t i = 0; i < SUMMARY_AHEAD_MAX && summary->ahead[i].name[0]; i++)
		fprintf(to, "  %-20s  %llu\n", summary->ahead[i].name, summary->ahead[i].count);
}

/* SPDX-License-Identifier: MIT */
/* Writes the advice for people. */
#include "config.h"

#include "cli/advise/advise.h"

#include "cli/cli.h"
#include "cli/output/screen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS_MOST = 12, TIME_MAX = 16 };

/* Writes a time with three digits and a unit. */
static const char *format_time(char text[TIME_MAX], double ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	size_t unit = 0;

	while (unit < 3 && ns >= 999.5) {
		ns /= 1000;
		unit++;
	}
	snprintf(text, TIME_MAX, "%.*f %s", ns < 9.995 ? 2 : ns < 99.95 ? 1 : 0, ns, units[unit]);
	return text;
}

static void print_heading(FILE *to, const char *heading)
{
	fputc('\n', to);
	screen_word(to, COLOUR_BOLD, heading);
	fputc('\n', to);
}

static int by_total(const void *left, const void *right, void *arg)
{
	const struct recording *recording = arg;
	double a = recording->calls[*(const unsigned *)left].ns;
	double b = recording->calls[*(const unsigned *)right].ns;

	return (a < b) - (a > b);
}

static void print_call(FILE *to, const struct recording *recording, unsigned call)
{
	const struct call_total *total = &recording->calls[call];
	char times[4][TIME_MAX];

	fprintf(to, "%-18s %9llu %7llu %9s %9s %9s %9s\n", recording_call_name(call), total->count,
		total->errors, format_time(times[0], total->ns),
		format_time(times[1], recording_percentile(recording, call, 0.5)),
		format_time(times[2], recording_percentile(recording, call, 0.99)),
		format_time(times[3], total->max));
}

static void print_calls(FILE *to, const struct recording *recording)
{
	unsigned calls[TIMED_COUNT], count = 0;
	char time[TIME_MAX];
	double rest = 0;

	for (unsigned i = 0; i < TIMED_COUNT; i++)
		if (recording->calls[i].count)
			calls[count++] = i;
	qsort_r(calls, count, sizeof(*calls), by_total, (void *)recording);
	fprintf(to, "%-18s %9s %7s %9s %9s %9s %9s\n", "call", "count", "errors", "total", "p50",
		"p99", "longest");
	for (unsigned i = 0; i < count; i++) {
		if (i < CALLS_MOST)
			print_call(to, recording, calls[i]);
		else
			rest += recording->calls[calls[i]].ns;
	}
	if (count > CALLS_MOST)
		fprintf(to, "%-18s %9s %7s %9s\n", "others", "", "", format_time(time, rest));
}

/* Leaves out the start of a name that is too long. */
static void print_name(FILE *to, const char *name, int width)
{
	int length = (int)strlen(name);

	if (length > width)
		fprintf(to, "...%s\n", name + length - width + 3);
	else
		fprintf(to, "%s\n", length ? name : "-");
}

static void print_longest(FILE *to, const struct advice *advice)
{
	const struct wait *longest[LONGEST_MOST];
	size_t count = advice_longest(advice, longest);
	char time[TIME_MAX];

	if (!count)
		return;
	print_heading(to, "The longest waits for files and peers");
	for (size_t i = 0; i < count; i++) {
		fprintf(to, "%9s  %-16s ", format_time(time, longest[i]->ns),
			recording_call_name(longest[i]->call));
		print_name(to, longest[i]->name, 80 - 28);
	}
}

static void print_kinds(FILE *to, const struct advice *advice)
{
	unsigned long long calls = 0;
	char time[TIME_MAX];

	for (size_t i = 0; i < CALL_COUNT; i++)
		calls += advice->recording.calls[i].count;
	print_heading(to, "What it waited for (calls of 20 us and more)");
	for (enum wait_kind kind = 0; kind < WAIT_KINDS; kind++) {
		const struct wait_group *group = &advice->overlap.groups[kind];

		if (group->count)
			fprintf(to, "%9zu %9s  %-11s  %s\n", group->count,
				format_time(time, group->ns),
				wait_kind_can_overlap(kind) ? "can overlap" : "cannot",
				wait_kind_text(kind));
	}
	if (advice->recording.lost)
		fprintf(to, "%9llu waits more were not kept\n", advice->recording.lost);
	if (calls > advice->recording.count)
		fprintf(to, "%9llu calls ended at once: a ring only costs them time\n",
			calls - advice->recording.count);
}

static void print_machine(FILE *to, const struct calibration *calibration)
{
	const struct disk_times *disk = &calibration->disk;
	char times[4][TIME_MAX];

	print_heading(to, "This machine");
	if (calibration->ring_error)
		fprintf(to, "no ring can be made (%s); see ringshim doctor\n",
			strerror(calibration->ring_error));
	else
		fprintf(to,
			"a cached read: %s natively, %s by ring, %s each with 32 in flight\n"
			"handing an operation to a kernel worker: %s\n",
			format_time(times[0], calibration->native),
			format_time(times[1], calibration->ring),
			format_time(times[2], calibration->ring_32),
			format_time(times[3], fmax(0, calibration->worker)));
	fprintf(to, "a start by ringshim run --ahead: %s more\n",
		format_time(times[0], calibration->start));
	if (disk->cold > 0)
		fprintf(to, "a read of its files from the disk: %s; each %s with 8, %s with 32\n",
			format_time(times[0], disk->cold), format_time(times[1], disk->cold_8),
			format_time(times[2], disk->cold_32));
	if (disk->sync > 0)
		fprintf(to, "a sync there: %s; each %s with 32 at a time\n",
			format_time(times[0], disk->sync), format_time(times[1], disk->sync_32));
}

static void print_way(FILE *to, const struct prediction *prediction, enum way way, const char *text)
{
	const struct range *range = &prediction->ways[way];
	enum colour colour = prediction->best == way && way != WAY_RING ? COLOUR_GOOD : COLOUR_NONE;
	char times[48];

	if (range->low <= 0)
		snprintf(times, sizeof(times), "not here");
	else
		snprintf(times, sizeof(times), "%.*f to %.*f times as fast",
			 range->low < 10 ? 2 : 0, range->low, range->high < 10 ? 2 : 0,
			 range->high);
	fprintf(to, "%-44s ", text);
	screen_word(to, colour, times);
	fputc('\n', to);
}

static void print_verdict(FILE *to, const struct advice *advice)
{
	const struct prediction *prediction = &advice->prediction;
	const char *kinds = advice->calibration.disk.needs_network ? "=network" : "";
	char *sentence;

	switch (prediction->best) {
	case WAY_AHEAD:
		sentence = text("Try: ringshim run --ahead%s -- %s ...", kinds, advice->argv[0]);
		break;
	case WAY_SYNC:
		sentence = text("Try: ringshim run --ahead=sync -- %s ...", advice->argv[0]);
		break;
	case WAY_REWRITTEN:
		sentence = text("Only a program that has up to %u operations in flight gains: "
				"uring(7) is the library for it.",
				prediction->in_flight);
		break;
	default:
		sentence = text("Nothing to gain: %s", advice_obstacle(advice));
	}
	fputc('\n', to);
	screen_paragraph(to, 0, 0, sentence);
	free(sentence);
}

static void print_sites(FILE *to, const struct advice *advice)
{
	char time[TIME_MAX];

	if (!advice->site_count || advice->prediction.best == WAY_RING)
		return;
	print_heading(to, "Where it would be rewritten");
	for (size_t i = 0; i < advice->site_count; i++) {
		const struct site *site = &advice->sites[i];
		char *place = site->name ? text("%s", site->name) :
					   text("%s+%#lx", site->file, site->offset);

		fprintf(to, "%9s %7zu  %-16s ", format_time(time, site->ns), site->count,
			recording_call_name(site->call));
		print_name(to, place, 80 - 36);
		free(place);
	}
}

void advice_report(FILE *to, const struct advice *advice)
{
	char times[2][TIME_MAX];

	screen_word(to, COLOUR_BOLD, advice->argv[0]);
	fprintf(to, ": %s%s, %s of it on a processor", format_time(times[0], advice->wall),
		advice->cold ? " from cold caches" : "", format_time(times[1], advice->cpu));
	if (advice->recording.processes > 1)
		fprintf(to, ", %zu programs", advice->recording.processes);
	fputs("\n\n", to);
	print_calls(to, &advice->recording);
	print_longest(to, advice);
	print_kinds(to, advice);
	print_machine(to, &advice->calibration);
	print_heading(to, "What to expect");
	print_way(to, &advice->prediction, WAY_RING, "each call by ring");
	print_way(to, &advice->prediction, WAY_AHEAD, "unchanged, with --ahead");
	if (advice->overlap.groups[WAIT_SYNCS].count)
		print_way(to, &advice->prediction, WAY_SYNC, "unchanged, with --ahead=sync");
	print_way(to, &advice->prediction, WAY_REWRITTEN,
		  "rewritten, with many operations in flight");
	print_verdict(to, advice);
	print_sites(to, advice);
}

/* SPDX-License-Identifier: MIT */
/* `ringshim advise`: runs CMD with its calls timed, and says what a ring could do for it. */
#include "config.h"

#include "cli/advise/advise.h"

#include "cli/measure/cold.h"
#include "cli/measure/measure.h"
#include "cli/output/output.h"
#include "cli/preload.h"
#include "shim/base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct advise_options {
	bool cold, json;
	const char *output;
	struct preload preload;
};

static int take_cold(void *into, const struct option_spec *spec, const char *value)
{
	((struct advise_options *)into)->cold = true;
	return 0;
}

static int take_output(void *into, const struct option_spec *spec, const char *value)
{
	((struct advise_options *)into)->output = value;
	return 0;
}

static const struct option_spec advise_options[] = {
	{
		.name = "cold",
		.help = "write dirty data to the disks and drop the kernel's\n"
			"caches before CMD starts; for root",
		.take = take_cold,
	},
	{
		.name = "output",
		.letter = 'o',
		.value = "FILE",
		.help = "write the advice to FILE, not to standard error",
		.take = take_output,
	},
	{ .name = NULL },
};

/* By the time that a call took in one program. */
static void insert_wait(const struct wait *longest[LONGEST_MOST], size_t *count,
			const struct wait *wait)
{
	size_t place = *count;

	while (place > 0 && longest[place - 1]->ns < wait->ns)
		place--;
	if (place >= LONGEST_MOST)
		return;
	if (*count < LONGEST_MOST)
		++*count;
	memmove(&longest[place + 1], &longest[place], (*count - place - 1) * sizeof(*longest));
	longest[place] = wait;
}

size_t advice_longest(const struct advice *advice, const struct wait *longest[LONGEST_MOST])
{
	size_t count = 0;

	for (size_t i = 0; i < advice->recording.count; i++)
		insert_wait(longest, &count, &advice->recording.waits[i]);
	return count;
}

const char *advice_obstacle(const struct advice *advice)
{
	const struct wait_group *groups = advice->overlap.groups;
	double family_wait = 0;

	for (size_t i = 0; i < CALL_COUNT; i++)
		if (call_names[i].family == FAMILY_wait)
			family_wait += advice->recording.calls[i].ns;
	if (advice->cpu > 0.6 * advice->wall)
		return "it computes most of the time, or what it reads is in the caches.";
	if (groups[WAIT_SYNC_AGAIN].ns > 0.3 * advice->wall)
		return "it syncs the same files again and again, and each sync has to come after "
		       "the one before.";
	if (groups[WAIT_PEERS].ns + family_wait > 0.3 * advice->wall)
		return "it waits for others: for answers, children, or time to pass.";
	if (groups[WAIT_WRITES].ns + groups[WAIT_NAMES].ns > 0.3 * advice->wall)
		return "it waits for its writes, and their order is what they mean.";
	return "hardly any of its waits can overlap.";
}

static int run_command(struct advise_options *given, const char *directory, struct advice *advice)
{
	struct input input;
	struct outcome outcome;
	struct launch launch = {
		.path = given->preload.program.path,
		.argv = given->preload.program.argv,
		.label = "the run",
		.input = &input,
	};
	char *record = text("%s/calls", directory);
	uint64_t ticks = ticks_now();
	const double *values = outcome.amounts.values;
	int64_t begin = monotonic_now();
	double rate;
	int status;

	variables_set(&given->preload.shimmed, "RINGSHIM_TIMINGS", record);
	launch.environment = variables_environment(&given->preload.shimmed);
	input_open(&input);
	measure_prepare();
	status = given->cold ? caches_drop() : 0;
	if (!status)
		status = measure(&launch, &outcome);
	free(record);
	if (status)
		return status;
	usleep(1000);
	rate = (double)(monotonic_now() - begin) / (double)(ticks_now() - ticks);
	advice->status = outcome.status;
	advice->wall = values[AMOUNT_WALL] * 1e9;
	advice->cpu = (values[AMOUNT_USER] + values[AMOUNT_SYSTEM]) * 1e9;
	if (recording_read(&advice->recording, directory, rate))
		return 0;
	say("%s left no record: the library had no effect in it, or it could not write to %s",
	    launch.argv[0], directory);
	return EXIT_TROUBLE;
}

/* Runs CMD with a directory for the records of its processes, which is removed again. */
static int record_command(struct advise_options *given, struct advice *advice)
{
	const char *parent = getenv("TMPDIR");
	char *directory = text("%s/ringshim-XXXXXX", parent && *parent == '/' ? parent : "/tmp");
	int status;

	if (!mkdtemp(directory)) {
		say("cannot make %s: %m; set TMPDIR to another directory", directory);
		return EXIT_TROUBLE;
	}
	status = run_command(given, directory, advice);
	if (status)
		recording_discard(directory);
	rmdir(directory);
	free(directory);
	return status;
}

static int exit_status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int advise(const struct subcommand *self, int argc, char **argv)
{
	struct advise_options given = { 0 };
	const struct option_group groups[] = {
		{ "Options", advise_options, &given },
		{ "", json_options, &given.json },
		{ "The library", preload_options, &given.preload },
		{ NULL, NULL, NULL },
	};
	struct advice advice = { 0 };
	FILE *to;
	int status = options_parse(self, groups, &argc, &argv);

	if (status >= 0)
		return status;
	status = preload_prepare(&given.preload, argv);
	if (!status && given.cold)
		status = caches_prepare();
	if (status)
		return status;
	/* Opened before CMD runs, so that a failure here wastes no run. */
	to = given.output ? output_open(given.output, "advice") : stderr;
	if (!to)
		return EXIT_TROUBLE;
	status = record_command(&given, &advice);
	if (status)
		return status;
	advice.argv = argv;
	advice.cold = given.cold;
	overlap_find(&advice.overlap, &advice.recording);
	calibrate(&advice.calibration, &advice.recording, &advice.overlap);
	predict(&advice.prediction, &advice.recording, &advice.overlap, &advice.calibration,
		advice.wall);
	advice.site_count = sites_find(advice.sites, &advice.recording, &advice.overlap);
	given.json ? advice_write_json(to, &advice) : advice_report(to, &advice);
	if (fflush(to) || ferror(to)) {
		say("cannot write the advice: %m");
		return EXIT_TROUBLE;
	}
	return exit_status_of(advice.status);
}

const struct subcommand cmd_advise = {
	.name = "advise",
	.synopsis = "[OPTION]... -- CMD [ARG]...",
	.summary = "run a program, and say what a ring could do for it",
	.help = "Runs CMD with its calls timed, all of them native. Then says where the time went,\n"
		"what CMD waited for, which waits could overlap, and what to expect of a ring. CMD\n"
		"reads and writes what it would otherwise; the advice goes to standard error. The\n"
		"exit status is CMD's.\n",
	.main = advise,
};

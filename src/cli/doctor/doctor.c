/* SPDX-License-Identifier: MIT */
/* `ringshim doctor`: says whether the shim can work here, who forbids it, and what to do. */
#include "config.h"

#include "cli/cli.h"
#include "cli/doctor/features.h"
#include "cli/doctor/libraries.h"
#include "cli/doctor/memory.h"
#include "cli/doctor/reach.h"
#include "cli/doctor/report.h"
#include "cli/doctor/ring.h"
#include "cli/doctor/trial.h"
#include "cli/options.h"
#include "cli/preload.h"
#include "cli/output/screen.h"

#include <gnu/libc-version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum { SCHEMA_VERSION = 1 };

enum doctor_status { STATUS_USABLE = 0, STATUS_IN_PART = 1, STATUS_NOT_USABLE = 2 };

struct doctor {
	bool json;
	struct preload preload;
	struct utsname uts;
	struct ring_facts ring;
	struct memory_facts memory;
	struct features_facts features;
	struct libraries libraries;
	struct trial trial;
	struct reach reach;
	struct report report;
};

static int take_library(void *into, const struct option_spec *spec, const char *value)
{
	struct doctor *doctor = into;

	return preload_take_library(&doctor->preload, spec, value);
}

static const struct option_spec options[] = {
	{
		.name = "library",
		.value = "FILE",
		.help = "examine FILE instead of the installed libringshim.so",
		.take = take_library,
	},
	{ .name = NULL },
};

/* Nothing of io_uring is used before it is known that no filter kills for it. */
static void examine(struct doctor *d)
{
	uname(&d->uts);
	ring_examine(&d->ring);
	if (!d->ring.error)
		features_examine(&d->features);
	memory_examine(&d->memory, !d->ring.error);
	libraries_examine(&d->libraries);
	trial_run(&d->trial, &d->preload);
}

static void make_report(struct doctor *d)
{
	struct report *report = &d->report;

	report_add(report, SECTION_KERNEL, LEVEL_OK,
		   text("Linux %s, %s, glibc %s.", d->uts.release, d->uts.machine,
			gnu_get_libc_version()));
	ring_report(report, &d->ring);
	if (!d->ring.error)
		memory_report(report, &d->memory);
	features_report(report, &d->features);
	libraries_report(report, &d->libraries);
	trial_report(report, &d->trial, !d->ring.error);
	reach_report(report, &d->reach);
}

/* The first finding that decides the verdict, or NULL. */
static const struct finding *deciding(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].level == report_worst(report))
			return &report->findings[i];
	return NULL;
}

static void print_verdict(const struct doctor *d, enum level worst)
{
	static const enum colour colours[] = { COLOUR_GOOD, COLOUR_GOOD, COLOUR_DOUBT, COLOUR_BAD };
	static const char start[] = "Verdict: ";
	const struct finding *finding = deciding(&d->report);
	const char *verdict = report_verdict(worst);
	char *rest = text(
		".%s%s%s%s",
		d->ring.error ? " Without a ring every call goes direct: programs run as usual, "
				"and gain nothing." :
				"",
		worst > LEVEL_NOTE && finding->advices ? " What to do stands below the first \"" :
							 "",
		worst > LEVEL_NOTE && finding->advices ? report_mark(worst) : "",
		worst > LEVEL_NOTE && finding->advices ? "\"." : "");

	printf("\n%s", start);
	screen_word(stdout, colours[worst], verdict);
	screen_paragraph(stdout, (int)(strlen(start) + strlen(verdict)), 0, rest);
	free(rest);
}

static void print_json(const struct doctor *d, enum level worst, int status)
{
	struct json json = { .to = stdout };

	json_object(&json, NULL);
	json_string(&json, "schema", "ringshim-doctor");
	json_number(&json, "version", SCHEMA_VERSION);
	json_string(&json, "ringshim", PACKAGE_VERSION);
	json_string(&json, "verdict", report_verdict(worst));
	json_number(&json, "status", status);
	json_object(&json, "kernel");
	json_string(&json, "release", d->uts.release);
	json_string(&json, "machine", d->uts.machine);
	json_string(&json, "glibc", gnu_get_libc_version());
	json_close_object(&json);
	ring_json(&json, &d->ring);
	memory_json(&json, &d->memory);
	features_json(&json, &d->features);
	libraries_json(&json, &d->libraries);
	trial_json(&json, &d->trial);
	reach_json(&json, &d->reach);
	report_json(&json, &d->report);
	json_close_object(&json);
}

static int doctor(const struct subcommand *self, int argc, char **argv)
{
	struct doctor d = { 0 };
	const struct option_group groups[] = {
		{ "Options", json_options, &d.json },
		{ "", options, &d },
		{ NULL, NULL, NULL },
	};
	static const int statuses[] = { STATUS_USABLE, STATUS_USABLE, STATUS_IN_PART,
					STATUS_NOT_USABLE };
	enum level worst;
	int status;

	status = options_parse(self, groups, &argc, &argv);
	if (status >= 0)
		return status;
	if (argc > 1) {
		say("doctor takes at most one program, without its arguments: ringshim doctor %s",
		    self->synopsis);
		return EXIT_USAGE;
	}
	status = preload_find(&d.preload);
	if (!status && argc)
		status = reach_examine(&d.reach, &d.preload, argv, &d.libraries);
	if (status)
		return status;
	examine(&d);
	make_report(&d);
	worst = report_worst(&d.report);
	if (d.json) {
		print_json(&d, worst, statuses[worst]);
	} else {
		report_print(stdout, &d.report);
		print_verdict(&d, worst);
	}
	return statuses[worst];
}

const struct subcommand cmd_doctor = {
	.name = "doctor",
	.synopsis = "[OPTION]... [PROGRAM]",
	.summary = "say whether the shim can work here, and what to do",
	.help = "Finds out whether this process can make a ring, who forbids it, what this kernel\n"
		"lacks, and how much of PROGRAM the shim can reach. PROGRAM is not run.\n"
		"The exit status is 0 if the shim is usable, 1 in part, 2 if not.\n",
	.main = doctor,
	.command_optional = true,
};

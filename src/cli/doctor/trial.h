/* SPDX-License-Identifier: MIT */
/* Runs a program under the shim, and looks at what it did. */
#ifndef RINGSHIM_CLI_DOCTOR_TRIAL_H
#define RINGSHIM_CLI_DOCTOR_TRIAL_H

#include "cli/doctor/report.h"
#include "cli/preload.h"

struct trial {
	bool tried;
	bool ran;	/* the program ended as it should */
	bool preloaded; /* the shim was in it */
	bool stdio;	/* a write of a stdio stream came to the shim */
	bool ring;	/* that write took the ring */
	char *reason;	/* why not, as the statistics name it; NULL: no reason is known */
	char *message;	/* the first line of what it said on standard error, or NULL */
};

/*
 * Runs `ringshim --version` under the shim of p, beside the libraries that are preloaded anyway.
 * It writes one line with stdio to a file.
 */
void trial_run(struct trial *trial, const struct preload *p);

void trial_report(struct report *report, const struct trial *trial, bool ring_is_possible);
void trial_json(struct json *json, const struct trial *trial);

#endif

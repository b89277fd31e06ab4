/* SPDX-License-Identifier: MIT */
/* How much of a program the shim can reach. */
#ifndef RINGSHIM_CLI_DOCTOR_REACH_H
#define RINGSHIM_CLI_DOCTOR_REACH_H

#include "cli/doctor/instructions.h"
#include "cli/doctor/libraries.h"
#include "cli/doctor/report.h"
#include "cli/preload.h"

/* A file of the program with system call instructions of its own. */
struct inline_calls {
	char *path;
	struct instructions count;
};

struct reach {
	const struct program *program;
	bool searched;		    /* the files below were looked at */
	struct inline_calls *files; /* those outside libc that have any */
	size_t files_count;
	char **loaded; /* the libraries that it loads; NULL-terminated, or NULL if unknown */
};

/*
 * Examines the program argv[0], for the library of p, and adds libraries that it loads to
 * libraries. Returns 0, or an exit status after printing why it cannot be run.
 */
int reach_examine(struct reach *reach, struct preload *p, char **argv, struct libraries *libraries);

void reach_report(struct report *report, const struct reach *reach);
void reach_json(struct json *json, const struct reach *reach);

#endif

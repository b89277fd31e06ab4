/* SPDX-License-Identifier: MIT */
/* What `ringshim doctor` found: sentences with a level, and what to do about each. */
#ifndef RINGSHIM_CLI_DOCTOR_REPORT_H
#define RINGSHIM_CLI_DOCTOR_REPORT_H

#include "cli/output/json.h"

#include <stddef.h>

/* In this order: the worst level of all findings is the verdict. */
enum level {
	LEVEL_OK,   /* as it should be */
	LEVEL_NOTE, /* worth knowing; changes no verdict */
	LEVEL_PART, /* usable in part */
	LEVEL_NO,   /* not usable */
};

/* The headings, in the order of the screen. */
enum section {
	SECTION_KERNEL,
	SECTION_RING,
	SECTION_MEMORY,
	SECTION_OPERATIONS,
	SECTION_LIBRARIES,
	SECTION_SHIM,
	SECTION_PROGRAM,
};

/* A sentence on what to do, or a command to type. */
struct advice {
	char *text;
	bool command;
};

struct finding {
	enum section section;
	enum level level;
	char *text;
	struct advice *advice;
	size_t advices;
};

struct report {
	struct finding *findings;
	size_t count;
};

/* Adds a finding, and takes over text. */
void report_add(struct report *report, enum section section, enum level level, char *text);

/* Adds to the last finding what to do, and takes over text. A command is not broken into lines. */
void report_advise(struct report *report, char *text);
void report_command(struct report *report, char *text);

enum level report_worst(const struct report *report);

/* Returns the verdict: "usable", "usable in part", "not usable". */
const char *report_verdict(enum level worst);

/* Returns how the screen marks a finding: "NO". */
const char *report_mark(enum level level);

void report_print(FILE *to, const struct report *report);
void report_json(struct json *json, const struct report *report);

#endif

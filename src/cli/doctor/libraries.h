/* SPDX-License-Identifier: MIT */
/* Other libraries in the way: preloaded ones, runtimes of sanitizers, allocators. */
#ifndef RINGSHIM_CLI_DOCTOR_LIBRARIES_H
#define RINGSHIM_CLI_DOCTOR_LIBRARIES_H

#include "cli/doctor/report.h"

struct library {
	char *path;
	const char *from;		   /* "LD_PRELOAD", "/etc/ld.so.preload" or "program" */
	const struct known_library *known; /* NULL: an unknown one */
};

struct libraries {
	struct library *list;
	size_t count;
};

/* Lists those of LD_PRELOAD and /etc/ld.so.preload but the shim. */
void libraries_examine(struct libraries *libraries);

/* Adds a library that a program loads, if it is known to matter. */
void libraries_add_loaded(struct libraries *libraries, const char *path);

/* Returns true if the file is the runtime of a sanitizer. */
bool library_is_sanitizer(const char *path);

void libraries_report(struct report *report, const struct libraries *libraries);
void libraries_json(struct json *json, const struct libraries *libraries);

#endif

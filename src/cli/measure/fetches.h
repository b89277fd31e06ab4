/* SPDX-License-Identifier: MIT */
/*
 * Counts what RINGSHIM_AHEAD and RINGSHIM_RISK_SYNC_AT_EXIT did in a run, by the statistics that
 * the library writes: files fetched ahead, files synced ahead, and syncs put off.
 */
#ifndef RINGSHIM_CLI_MEASURE_FETCHES_H
#define RINGSHIM_CLI_MEASURE_FETCHES_H

#include "cli/output/json.h"
#include "cli/variables.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

enum { FETCHES_TABLES = 3, FETCHES_ROWS = 10 };

struct fetches {
	bool wanted[FETCHES_TABLES]; /* by the settings */
	char *file; /* that the statistics are appended to; NULL: no table is wanted */
	off_t from; /* where those of the run begin in it; -1: it cannot be read back */
	bool any;   /* there are statistics of the run, even if nothing was fetched */
	unsigned long long counts[FETCHES_TABLES][FETCHES_ROWS];
};

/*
 * If CMD runs ahead or syncs at exit, by the settings that settings_check() read, makes sure that it
 * writes its statistics to a file: to the user's, or to a temporary one that is added to shimmed.
 */
void fetches_prepare(struct fetches *fetches, struct variables *shimmed);

/* Call before and after each run under the shim. The counts are those of the last run. */
void fetches_begin(struct fetches *fetches);
void fetches_end(struct fetches *fetches);

/* Prints the tables that are wanted. which: text that says of which run they are. */
void fetches_print(FILE *to, const struct fetches *fetches, const char *which);

/* Writes an object for each table; null where it is not wanted or there are no counts. */
void fetches_json(struct json *json, const struct fetches *fetches);

#endif

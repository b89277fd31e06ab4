/* SPDX-License-Identifier: MIT */
/* Counts what RINGSHIM_AHEAD fetched in a run, by the statistics that the library writes. */
#ifndef RINGSHIM_CLI_FETCHES_H
#define RINGSHIM_CLI_FETCHES_H

#include "cli/variables.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

enum { FETCHES_KINDS = 6 };

struct fetches {
	char *file; /* that the statistics are appended to; NULL: CMD does not run ahead */
	off_t from; /* where those of the run begin in it; -1: it cannot be read back */
	bool any;   /* there are statistics of the run, even if nothing was fetched */
	unsigned long long counts[FETCHES_KINDS];
};

/*
 * If CMD runs ahead by the settings that settings_check() read, makes sure that it writes its
 * statistics to a file: to the user's, or to a temporary one that is added to shimmed.
 */
void fetches_prepare(struct fetches *fetches, struct variables *shimmed);

/* Call before and after each run under the shim. The counts are those of the last run. */
void fetches_begin(struct fetches *fetches);
void fetches_end(struct fetches *fetches);

/* Prints the counts, if CMD runs ahead. which: text that says of which run they are. */
void fetches_print(FILE *to, const struct fetches *fetches, const char *which);

#endif

/* SPDX-License-Identifier: MIT */
/* What `ringshim advise` has found out, and how it says it. */
#ifndef RINGSHIM_CLI_ADVISE_ADVISE_H
#define RINGSHIM_CLI_ADVISE_ADVISE_H

#include "cli/advise/prediction.h"
#include "cli/advise/sites.h"

#include <stdio.h>

enum { LONGEST_MOST = 20 };

struct advice {
	char **argv; /* of CMD */
	bool cold;
	int status;	  /* of wait(2) */
	double wall, cpu; /* ns */
	struct recording recording;
	struct overlap overlap;
	struct calibration calibration;
	struct prediction prediction;
	struct site sites[SITES_MOST];
	size_t site_count;
};

/* Writes the advice for people, or as JSON. */
void advice_report(FILE *to, const struct advice *advice);
void advice_write_json(FILE *to, const struct advice *advice);

/* Lists the longest waits that are not for others, the longest first. Returns their number. */
size_t advice_longest(const struct advice *advice, const struct wait *longest[LONGEST_MOST]);

/* Says in a sentence why CMD gains nothing. */
const char *advice_obstacle(const struct advice *advice);

#endif

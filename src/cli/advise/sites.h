/* SPDX-License-Identifier: MIT */
/* Finds the places in the program that waited longest. */
#ifndef RINGSHIM_CLI_ADVISE_SITES_H
#define RINGSHIM_CLI_ADVISE_SITES_H

#include "cli/advise/overlap.h"

enum { SITES_MOST = 5 };

struct site {
	const char *file;
	unsigned long offset;
	char *name; /* of the function, with its line if known; NULL: not known */
	uint16_t call;
	size_t count;
	double ns;
};

/*
 * Fills sites with those whose waits that can overlap took longest, the longest first. Returns
 * their number. addr2line(1) names them where it is installed.
 */
size_t sites_find(struct site sites[SITES_MOST], const struct recording *recording,
		  const struct overlap *overlap);

#endif

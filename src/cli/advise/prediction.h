/* SPDX-License-Identifier: MIT */
/* Says how fast CMD would be in other ways, from what it waited for. */
#ifndef RINGSHIM_CLI_ADVISE_PREDICTION_H
#define RINGSHIM_CLI_ADVISE_PREDICTION_H

#include "cli/advise/calibration.h"

/* So many times as fast as natively. low is 0 if nothing can be said. */
struct range {
	double low, high;
};

enum way {
	WAY_RING,      /* each call by ring */
	WAY_AHEAD,     /* with --ahead */
	WAY_SYNC,      /* with --ahead=sync */
	WAY_REWRITTEN, /* by a program that has many operations in flight */
	WAYS
};

struct prediction {
	struct range ways[WAYS];
	unsigned in_flight; /* of a rewritten program: more would gain little */
	enum way best;	    /* WAY_RING: none gains anything */
};

/* wall: how long CMD ran, in ns. */
void predict(struct prediction *prediction, const struct recording *recording,
	     const struct overlap *overlap, const struct calibration *calibration, double wall);

#endif

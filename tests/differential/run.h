/* SPDX-License-Identifier: MIT */
/* Runs the cases of one kind of descriptor and collects their lines; used by the driver. */
#ifndef DIFFERENTIAL_RUN_H
#define DIFFERENTIAL_RUN_H

#include "differential.h"

struct run {
	const struct kind *kind;
	const struct call *call;
	const struct arg_case *arg_case;
	char line[1500];
	char reason[120];	/* why the descriptor could not be made */
	bool unmade;
};

/*
 * Called once per process: prepares to run cases of this kind, each in its own thread if threads is
 * set.
 */
void run_init(const struct kind *k, bool threads);
const struct run *run_case(const struct kind *k, const struct call *c, const struct arg_case *ac);

#endif

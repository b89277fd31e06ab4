/* SPDX-License-Identifier: MIT */
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

/* Once per process: prepares for cases of this kind, each in a thread of its own if so wanted. */
void run_init(const struct kind *k, bool threads);
const struct run *run_case(const struct kind *k, const struct call *c, const struct arg_case *ac);

#endif

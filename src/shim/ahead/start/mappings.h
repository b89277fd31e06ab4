/* SPDX-License-Identifier: MIT */
/* The files that the program has mapped. */
#ifndef SHIM_AHEAD_MAPPINGS_H
#define SHIM_AHEAD_MAPPINGS_H

#include "shim/base/base.h"

struct mapping {
	uintptr_t address;
	size_t size;
	const char *path;
};

/* Calls visit for each mapping of a file that has a name. */
void mappings_visit(void (*visit)(void *arg, const struct mapping *mapping), void *arg);

#endif

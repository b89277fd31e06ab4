/* SPDX-License-Identifier: MIT */
/* Environment variables to set for CMD. */
#ifndef RINGSHIM_CLI_VARIABLES_H
#define RINGSHIM_CLI_VARIABLES_H

#include <stddef.h>

struct variables {
	char **entries; /* "NAME=VALUE", ending in NULL; NULL while there are none */
	size_t count;
};

/* Sets name to value, which replaces an earlier value. */
void variables_set(struct variables *v, const char *name, const char *value);

/* Returns this process's environment without LD_PRELOAD, with v's entries. It is never freed. */
char **variables_environment(const struct variables *v);

#endif

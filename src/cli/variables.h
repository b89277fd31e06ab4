#ifndef RINGSHIM_CLI_VARIABLES_H
#define RINGSHIM_CLI_VARIABLES_H

#include <stddef.h>

/* Environment variables to be set for CMD: "NAME=VALUE" strings, ending in NULL. */
struct variables {
	char **entries;
	size_t count;
};

/* The last value given for NAME is the one that holds. */
void variables_set(struct variables *v, const char *name, const char *value);

/* This process's environment without LD_PRELOAD, with V's entries. Never freed. */
char **variables_environment(const struct variables *v);

#endif

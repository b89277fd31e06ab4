/* SPDX-License-Identifier: MIT */
/*
 * The lists of what programs need when they start, one file for each program and its first
 * arguments, in a directory of the user's own. Their number is bounded: a list replaces the one
 * whose key has the same hash.
 */
#ifndef SHIM_AHEAD_START_LIST_H
#define SHIM_AHEAD_START_LIST_H

#include "shim/base/base.h"

enum { START_LIST_MAX = 128 * 1024 };

/* A list in memory. Each name has a zero byte at its end. */
struct start_list {
	char *text; /* START_LIST_MAX bytes, or NULL: there is none */
	uint32_t key_size;
	uint32_t size; /* of the key and the names after it */
};

/*
 * Makes an empty list with the key of the program: its file, the working directory in which it
 * started, and its first two arguments. Returns false if there is no memory.
 */
bool start_list_begin(struct start_list *list, pid_t owner, const char *directory, int argc,
		      char *const *argv);

/* Adds a name. Returns false if there is no more room. */
bool start_list_add(struct start_list *list, const char *name);

/*
 * Reads the list that was stored with the same key. Returns false, and leaves list empty, if there
 * is none, it is damaged, or another user could have written it.
 */
bool start_list_load(struct start_list *list, const char *directory);

/* Stores the list in place of an older one. On failure the older one stays. */
void start_list_store(const struct start_list *list, const char *directory);

void start_list_free(struct start_list *list);

static inline const char *start_list_names(const struct start_list *list)
{
	return list->text + list->key_size;
}

#endif

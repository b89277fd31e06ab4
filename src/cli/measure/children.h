/* SPDX-License-Identifier: MIT */
/* Lists the child processes of this process. */
#ifndef RINGSHIM_CLI_MEASURE_CHILDREN_H
#define RINGSHIM_CLI_MEASURE_CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

/* A set of processes. */
struct children {
	pid_t *pids;
	size_t count;
};

/*
 * Lists the children that this process has now, including those that have ended but were not
 * waited for. Free the list with children_free().
 */
void children_list(struct children *list);

bool children_has(const struct children *list, pid_t pid);

void children_free(struct children *list);

#endif

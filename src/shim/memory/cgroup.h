/* SPDX-License-Identifier: MIT */
/* Reads the memory cgroups that the process is in. */
#ifndef SHIM_MEMORY_CGROUP_H
#define SHIM_MEMORY_CGROUP_H

#include "shim/base/base.h"

/* Where a version of cgroups has the limits and the use of memory. */
struct cgroup_version {
	bool first;	  /* version 1, whose groups know nothing of pages that wait for the disk */
	const char *line; /* in /proc/self/cgroup, before the group's path */
	const char *root, *max, *used;
	const char *cache; /* in memory.stat: pages of files that were read, and can be dropped */
};

typedef uint64_t cgroup_visit(const struct cgroup_version *version, const char *group);

/*
 * Returns the least that visit returns for the process's memory cgroup and those above it, or
 * UINT64_MAX if it is in none. For one thread at a time, as the functions below.
 */
uint64_t cgroup_least(cgroup_visit *visit);

/* Returns the number after key in a file of the directory of the group "of", or otherwise if there is none. */
uint64_t cgroup_number(const struct cgroup_version *version, const char *of, const char *name,
		       const char *key, uint64_t otherwise);

/* The same for any file. A word in the place of the number, such as "max", is UINT64_MAX. */
uint64_t file_number(const char *name, const char *key, uint64_t otherwise);

#endif

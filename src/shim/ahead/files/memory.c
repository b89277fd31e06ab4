/* SPDX-License-Identifier: MIT */
/* Asks the system and the memory cgroups how much memory is left. */
#include <string.h>
#include "shim/ahead/files/memory.h"
#include "shim/memory/cgroup.h"

enum { PAGE = 4096, LIMIT = 64 * 1024 * 1024 / PAGE, SHARE = 16 };

static uint64_t system_pages(void)
{
	uint64_t kib = file_number("/proc/meminfo", "MemAvailable:", UINT64_MAX);

	return kib == UINT64_MAX ? kib : kib * 1024 / PAGE;
}

/* Returns how much memory the group has left. What it has cached counts as left. */
static uint64_t group_left(const struct cgroup_version *version, const char *group)
{
	uint64_t max = cgroup_number(version, group, version->max, "", UINT64_MAX);
	uint64_t used, cache;

	if (max == UINT64_MAX)
		return UINT64_MAX;
	used = cgroup_number(version, group, version->used, "", 0);
	cache = cgroup_number(version, group, "/memory.stat", version->cache, 0);
	used -= cache < used ? cache : used;
	return max > used ? max - used : 0;
}

static uint64_t cgroup_pages(void)
{
	uint64_t least = cgroup_least(group_left);

	return least == UINT64_MAX ? least : least / PAGE;
}

unsigned memory_limit(void)
{
	uint64_t left = system_pages(), group = cgroup_pages();

	if (group < left)
		left = group;
	return left / SHARE < LIMIT ? (unsigned)(left / SHARE) : LIMIT;
}

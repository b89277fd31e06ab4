/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "shim/memory/cgroup.h"
#include "shim/base/strview.h"
#include "shim/base/sys.h"

/*
 * Not on the stack, of which a call of the program can have little. One thread at a time uses them:
 * iowq_learn_memory() (iowq/memory.c) sees to that, and the helper process of ahead/ has only one.
 */
static char lines[2048], group[1024], path[1200], text[4096];

/* Returns the number at the start of text, or a very large one for another text ("max"). */
static uint64_t number_in(const char *at)
{
	at += strspn(at, " ");
	return *at >= '0' && *at <= '9' ? strview_leading_number(at) : UINT64_MAX;
}

uint64_t file_number(const char *name, const char *key, uint64_t otherwise)
{
	const char *at;

	if (!sys_read_text(name, text, sizeof(text)))
		return otherwise;
	at = strstr(text, key);
	return at ? number_in(at + strlen(key)) : otherwise;
}

static const struct cgroup_version versions[] = {
	{ false, "\n0::", "/sys/fs/cgroup", "/memory.max", "/memory.current", "\ninactive_file " },
	{ true, ":memory:", "/sys/fs/cgroup/memory", "/memory.limit_in_bytes",
	  "/memory.usage_in_bytes", "\ntotal_inactive_file " },
};

uint64_t cgroup_number(const struct cgroup_version *version, const char *of, const char *name,
		       const char *key, uint64_t otherwise)
{
	stpcpy(stpcpy(stpcpy(path, version->root), of), name);
	return file_number(path, key, otherwise);
}

/* Returns the least for group and those above it. */
static uint64_t least_upwards(const struct cgroup_version *version, cgroup_visit *visit)
{
	uint64_t least = UINT64_MAX, found;
	char *slash = group + strlen(group);

	if (slash[-1] == '/')
		slash--;
	do {
		*slash = '\0';
		found = visit(version, group);
		least = found < least ? found : least;
		slash = strrchr(group, '/');
	} while (slash);
	return least;
}

uint64_t cgroup_least(cgroup_visit *visit)
{
	uint64_t least = UINT64_MAX, found;

	lines[0] = '\n';
	if (!sys_read_text("/proc/self/cgroup", lines + 1, sizeof(lines) - 1))
		return UINT64_MAX;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		const char *name = strstr(lines, versions[i].line);
		size_t length;

		if (!name)
			continue;
		name += strlen(versions[i].line);
		length = strcspn(name, "\n");
		if (!length || length >= sizeof(group))
			continue;
		memcpy(group, name, length);
		group[length] = '\0';
		found = least_upwards(&versions[i], visit);
		least = found < least ? found : least;
	}
	return least;
}

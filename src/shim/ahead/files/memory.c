/* SPDX-License-Identifier: MIT */
/* Asks the system and the memory cgroups how much memory is left. */
#include <fcntl.h>
#include <string.h>
#include "shim/ahead/files/memory.h"
#include "shim/base/sys.h"

enum { PAGE = 4096, LIMIT = 64 * 1024 * 1024 / PAGE, SHARE = 16 };

/* Reads the start of a file as a string. Returns false if there is no such file. */
static bool read_file(const char *path, char *text, size_t size)
{
	long fd = sys4(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
	long got = fd < 0 ? -1 : sys3(SYS_read, fd, (long)text, (long)size - 1);

	if (fd >= 0)
		sys1(SYS_close, fd);
	text[got < 0 ? 0 : got] = '\0';
	return got > 0;
}

/* Returns the number at the start of text, or a very large one for another text ("max"). */
static uint64_t number_in(const char *text)
{
	uint64_t n = 0;

	while (*text == ' ')
		text++;
	if (*text < '0' || *text > '9')
		return UINT64_MAX;
	for (; *text >= '0' && *text <= '9'; text++)
		n = n * 10 + (uint64_t)(*text - '0');
	return n;
}

static uint64_t system_pages(void)
{
	static const char key[] = "MemAvailable:";
	char text[1024];
	const char *line;

	if (!read_file("/proc/meminfo", text, sizeof(text)))
		return UINT64_MAX;
	line = strstr(text, key);
	return line ? number_in(line + sizeof(key) - 1) * 1024 / PAGE : UINT64_MAX;
}

/* Where the versions of cgroups have the limits and the use of memory. */
static const struct cgroups {
	const char *line; /* in /proc/self/cgroup, before the group's path */
	const char *root, *max, *used;
	const char *cache; /* in memory.stat: pages of files that were read, and can be dropped */
} versions[] = {
	{ "\n0::", "/sys/fs/cgroup", "/memory.max", "/memory.current", "\ninactive_file " },
	{ ":memory:", "/sys/fs/cgroup/memory", "/memory.limit_in_bytes", "/memory.usage_in_bytes",
	  "\ntotal_inactive_file " },
};

/* Returns the number after key in a file of the cgroup's directory, or otherwise. */
static uint64_t cgroup_number(const struct cgroups *version, const char *group, const char *name,
			      const char *key, uint64_t otherwise)
{
	char path[1200], text[4096];
	const char *at;

	stpcpy(stpcpy(stpcpy(path, version->root), group), name);
	if (!read_file(path, text, sizeof(text)))
		return otherwise;
	at = strstr(text, key);
	return at ? number_in(at + strlen(key)) : otherwise;
}

/* Returns how much memory the group has left. What it has cached counts as left. */
static uint64_t group_left(const struct cgroups *version, const char *group)
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

/* Returns the least that the group and those above it have left. */
static uint64_t groups_left(const struct cgroups *version, char *group)
{
	uint64_t least = UINT64_MAX, left;
	char *slash = group + strlen(group);

	if (slash[-1] == '/')
		slash--;
	do {
		*slash = '\0';
		left = group_left(version, group);
		least = left < least ? left : least;
		slash = strrchr(group, '/');
	} while (slash);
	return least;
}

static uint64_t cgroup_pages(void)
{
	char lines[2048] = "\n", group[1024];
	uint64_t least = UINT64_MAX, left;

	if (!read_file("/proc/self/cgroup", lines + 1, sizeof(lines) - 1))
		return UINT64_MAX;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		const char *path = strstr(lines, versions[i].line);
		size_t length;

		if (!path)
			continue;
		path += strlen(versions[i].line);
		length = strcspn(path, "\n");
		if (!length || length >= sizeof(group))
			continue;
		memcpy(group, path, length);
		group[length] = '\0';
		left = groups_left(&versions[i], group);
		least = left < least ? left : least;
	}
	return least == UINT64_MAX ? least : least / PAGE;
}

unsigned memory_limit(void)
{
	uint64_t left = system_pages(), group = cgroup_pages();

	if (group < left)
		left = group;
	return left / SHARE < LIMIT ? (unsigned)(left / SHARE) : LIMIT;
}

/* SPDX-License-Identifier: MIT */
/* Asks the system and the memory cgroup (version 2) how much memory is left. */
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

/* Reads a number of the cgroup's directory. */
static uint64_t cgroup_number(const char *group, const char *name)
{
	char path[600], text[32];

	stpcpy(stpcpy(stpcpy(path, "/sys/fs/cgroup"), group), name);
	return read_file(path, text, sizeof(text)) ? number_in(text) : UINT64_MAX;
}

static uint64_t cgroup_pages(void)
{
	char text[512];
	uint64_t max, used;
	char *end;

	/* One line, 0::/PATH, and with version 1 others before it. */
	if (!read_file("/proc/self/cgroup", text, sizeof(text)) || strncmp(text, "0::", 3))
		return UINT64_MAX;
	end = strchr(text, '\n');
	if (!end)
		return UINT64_MAX;
	*end = '\0';
	max = cgroup_number(text + 3, "/memory.max");
	used = cgroup_number(text + 3, "/memory.current");
	if (max == UINT64_MAX || used == UINT64_MAX)
		return UINT64_MAX;
	return max > used ? (max - used) / PAGE : 0;
}

unsigned memory_limit(void)
{
	uint64_t left = system_pages(), group = cgroup_pages();

	if (group < left)
		left = group;
	return left / SHARE < LIMIT ? (unsigned)(left / SHARE) : LIMIT;
}

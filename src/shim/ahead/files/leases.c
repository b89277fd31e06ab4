/* SPDX-License-Identifier: MIT */
/* Reads the leases in /proc/locks: lines like "1: LEASE  ACTIVE    WRITE 123 fd:00:131 0 EOF". */
#include <fcntl.h>
#include <string.h>
#include "shim/ahead/files/leases.h"
#include "shim/base/clock.h"
#include "shim/base/sys.h"

/* Skips to the next word of the line. */
static const char *next_word(const char *text)
{
	while (*text && *text != ' ' && *text != '\n')
		text++;
	while (*text == ' ')
		text++;
	return text;
}

static void add_lease(struct leases *leases, const char *file)
{
	const char *number = file;
	uint64_t ino = 0;

	/* MAJOR:MINOR:INODE */
	for (const char *c = file; *c && *c != ' ' && *c != '\n'; c++)
		if (*c == ':')
			number = c + 1;
	for (; *number >= '0' && *number <= '9'; number++)
		ino = ino * 10 + (uint64_t)(*number - '0');
	if (leases->count == LEASES_MAX)
		leases->has_more = true;
	else
		leases->inodes[leases->count++] = ino;
}

static void read_line(struct leases *leases, const char *line)
{
	const char *kind = next_word(line);
	const char *access = next_word(next_word(kind));

	if (!strncmp(kind, "LEASE ", 6) && strncmp(access, "READ ", 5))
		add_lease(leases, next_word(next_word(access)));
}

/* Reads all lines of the file fd. Returns false if it could not be read. */
static bool read_lines(struct leases *leases, long fd)
{
	char text[4096];
	size_t kept = 0;
	long got;

	while ((got = sys3(SYS_read, fd, (long)(text + kept), (long)(sizeof(text) - 1 - kept))) >
	       0) {
		char *line = text, *end;

		kept += (size_t)got;
		text[kept] = '\0';
		for (; (end = strchr(line, '\n')); line = end + 1)
			read_line(leases, line);
		kept -= (size_t)(line - text);
		memmove(text, line, kept);
	}
	return got == 0;
}

void leases_update(struct leases *leases)
{
	int64_t when = monotonic_now();
	long fd;

	if (leases->when && when - leases->when < 5 * 1000 * 1000)
		return;
	fd = sys4(SYS_openat, AT_FDCWD, (long)"/proc/locks", O_RDONLY | O_CLOEXEC, 0);
	*leases = (struct leases){ .when = when };
	/* A kernel without file locks has no such file, and no leases. */
	if (fd < 0) {
		leases->has_more = fd != -ENOENT;
		return;
	}
	leases->has_more |= !read_lines(leases, fd);
	sys1(SYS_close, fd);
}

bool is_leased(const struct leases *leases, uint64_t ino)
{
	if (leases->has_more)
		return true;
	for (unsigned i = 0; i < leases->count; i++)
		if (leases->inodes[i] == ino)
			return true;
	return false;
}

/* SPDX-License-Identifier: MIT */
/* Reads the leases in /proc/locks: lines like "1: LEASE  ACTIVE    WRITE 123 fd:00:131 0 EOF". */
#include <string.h>
#include "shim/ahead/files/leases.h"
#include "shim/base/clock.h"
#include "shim/base/lines.h"
#include "shim/base/strview.h"

/* Skips to the next word of the line. */
static const char *next_word(const char *text)
{
	while (*text && *text != ' ')
		text++;
	while (*text == ' ')
		text++;
	return text;
}

static void add_lease(struct leases *leases, const char *file)
{
	const char *number = file;
	uint64_t ino;

	/* MAJOR:MINOR:INODE */
	for (const char *c = file; *c && *c != ' '; c++)
		if (*c == ':')
			number = c + 1;
	ino = strview_leading_number(number);
	if (leases->count == LEASES_MAX)
		leases->has_more = true;
	else
		leases->inodes[leases->count++] = ino;
}

static void read_line(void *leases, const char *line)
{
	const char *kind = next_word(line);
	const char *access = next_word(next_word(kind));

	if (!strncmp(kind, "LEASE ", 6) && strncmp(access, "READ ", 5))
		add_lease(leases, next_word(next_word(access)));
}

void leases_update(struct leases *leases)
{
	int64_t when = monotonic_now();
	int err;

	if (leases->when && when - leases->when < 5 * 1000 * 1000)
		return;
	*leases = (struct leases){ .when = when };
	err = lines_visit("/proc/locks", read_line, leases);
	/* A kernel without file locks has no such file, and no leases. */
	leases->has_more |= err && err != -ENOENT;
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

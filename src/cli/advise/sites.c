/* SPDX-License-Identifier: MIT */
/* Adds up the waits of each place in the program, and asks addr2line(1) for its name. */
#include "config.h"

#include "cli/advise/sites.h"

#include "cli/cli.h"
#include "cli/program/find.h"

#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int by_place(const void *left, const void *right)
{
	const struct site *a = left, *b = right;
	int order = strcmp(a->file, b->file);

	if (!order)
		order = (a->offset > b->offset) - (a->offset < b->offset);
	return order ? order : (int)a->call - (int)b->call;
}

static int by_time(const void *left, const void *right)
{
	const struct site *a = left, *b = right;

	return (a->ns < b->ns) - (a->ns > b->ns);
}

/* Makes one site of each wait that counts. */
static size_t list_sites(struct site *sites, const struct recording *recording,
			 const struct overlap *overlap)
{
	size_t count = 0;

	for (size_t i = 0; i < recording->count; i++) {
		const struct wait *wait = &recording->waits[i];

		if (*wait->file && wait_kind_can_overlap(overlap->kinds[i]))
			sites[count++] = (struct site){ .file = wait->file,
							.offset = wait->file_offset,
							.call = wait->call,
							.count = 1,
							.ns = wait->ns };
	}
	return count;
}

/* Makes one of those that are the same. Returns how many are left. */
static size_t add_up(struct site *sites, size_t count)
{
	size_t kept = 0;

	qsort(sites, count, sizeof(*sites), by_place);
	for (size_t i = 0; i < count; i++) {
		if (kept && !by_place(&sites[kept - 1], &sites[i])) {
			sites[kept - 1].count++;
			sites[kept - 1].ns += sites[i].ns;
		} else {
			sites[kept++] = sites[i];
		}
	}
	qsort(sites, kept, sizeof(*sites), by_time);
	return kept;
}

/* Runs a program, and returns the first line that it writes, or NULL. */
static char *first_line_of(const char *path, char *const argv[])
{
	posix_spawn_file_actions_t actions;
	char *line = NULL;
	size_t size = 0;
	int ends[2];
	pid_t child;
	FILE *from;

	if (pipe(ends))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	if (posix_spawn(&child, path, &actions, NULL, argv, environ))
		child = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	from = fdopen(ends[0], "r");
	if (from && getline(&line, &size, from) > 0) {
		line[strcspn(line, "\n")] = '\0';
	} else {
		free(line);
		line = NULL;
	}
	if (from)
		fclose(from);
	while (child > 0 && waitpid(child, NULL, 0) < 0)
		;
	return line;
}

/* The address is the one behind the call, so the one before it names the call's line. */
static void name_site(struct site *site, char *addr2line)
{
	char *address = text("%#lx", site->offset - 1);
	char *argv[] = { addr2line, (char *)"-Cfpse", (char *)site->file, address, NULL };

	site->name = first_line_of(addr2line, argv);
	if (site->name && *site->name == '?') {
		free(site->name);
		site->name = NULL;
	}
	free(address);
}

size_t sites_find(struct site sites[SITES_MOST], const struct recording *recording,
		  const struct overlap *overlap)
{
	struct site *all = grow(NULL, recording->count + 1, sizeof(*all));
	size_t count = add_up(all, list_sites(all, recording, overlap));
	char *addr2line = find_in_path("addr2line");

	if (count > SITES_MOST)
		count = SITES_MOST;
	for (size_t i = 0; i < count; i++) {
		sites[i] = all[i];
		if (addr2line)
			name_site(&sites[i], addr2line);
	}
	free(addr2line);
	free(all);
	return count;
}

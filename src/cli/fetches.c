/* SPDX-License-Identifier: MIT */
/* Counts what RINGSHIM_AHEAD fetched in a run, by the statistics that the library writes. */
#include "config.h"

#include "cli/fetches.h"

#include "cli/cli.h"
#include "cli/settings.h"
#include "cli/temp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The rows of the table, by the words that the statistics have for them. */
static const struct {
	const char *word;
	const char *title;
} kinds[FETCHES_KINDS] = {
	{ "fetched", "files fetched" },
	{ "used", "asked for afterwards" },
	{ "late", "on their way when asked for" },
	{ "unused", "not asked for" },
	{ "cached", "cached before" },
	{ "ranges", "pieces of long files" },
};

void fetches_prepare(struct fetches *fetches, struct variables *shimmed)
{
	if (!settings_run_ahead())
		return;
	if (settings_stats_file()) {
		fetches->file = text("%s", settings_stats_file());
		return;
	}
	/* Name the file through /proc, so that it leaves nothing behind and CMD inherits nothing. */
	fetches->file = text("/proc/%d/fd/%d", (int)getpid(), temp_file());
	variables_set(shimmed, "RINGSHIM_STATS", fetches->file);
}

void fetches_begin(struct fetches *fetches)
{
	struct stat st;

	fetches->any = false;
	memset(fetches->counts, 0, sizeof(fetches->counts));
	if (!fetches->file)
		return;
	if (stat(fetches->file, &st))
		fetches->from = 0;
	else
		fetches->from = S_ISREG(st.st_mode) ? st.st_size : -1;
}

/* Adds a line "PID PROGRAM CALL ROUTE REASON COUNT", separated by tabs, if it is of a fetch. */
static void add_line(struct fetches *fetches, const char *line)
{
	char call[32], word[32];
	unsigned long long count;

	fetches->any = true;
	if (sscanf(line, "%*[^\t]\t%*[^\t]\t%31[^\t]\t%31[^\t]\t%*[^\t]\t%llu", call, word,
		   &count) != 3 ||
	    strcmp(call, "ahead"))
		return;
	for (size_t i = 0; i < FETCHES_KINDS; i++)
		if (!strcmp(kinds[i].word, word))
			fetches->counts[i] += count;
}

void fetches_end(struct fetches *fetches)
{
	FILE *file = fetches->file && fetches->from >= 0 ? fopen(fetches->file, "re") : NULL;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return;
	if (!fseeko(file, fetches->from, SEEK_SET))
		while (getline(&line, &size, file) > 0)
			add_line(fetches, line);
	free(line);
	fclose(file);
}

void fetches_print(FILE *to, const struct fetches *fetches, const char *which)
{
	if (!fetches->file)
		return;
	fprintf(to, "\nRunning ahead, %s:\n", which);
	if (fetches->from < 0)
		fputs("(no counts: the statistics do not go to a regular file)\n", to);
	else if (!fetches->any)
		fputs("(no counts: CMD made no call that counts, or could not write its statistics)\n",
		      to);
	for (size_t i = 0; fetches->any && i < FETCHES_KINDS; i++)
		fprintf(to, "%-27s  %12llu\n", kinds[i].title, fetches->counts[i]);
}

/* SPDX-License-Identifier: MIT */
/* Counts what RINGSHIM_AHEAD fetched in a run, by the statistics that the library writes. */
#include "config.h"

#include "cli/fetches.h"

#include "cli/cli.h"
#include "cli/settings.h"
#include "cli/statistics/records.h"
#include "cli/temp.h"

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
	/* Each process has a file of its own, and their names are not known. */
	if (strchr(fetches->file, '%'))
		fetches->from = -1;
	else if (stat(fetches->file, &st))
		fetches->from = 0;
	else
		fetches->from = S_ISREG(st.st_mode) ? st.st_size : -1;
}

static void add_row(struct fetches *fetches, const struct row *row)
{
	fetches->any = true;
	for (size_t i = 0; i < FETCHES_KINDS && !strcmp(row->subject, "ahead"); i++)
		if (!strcmp(kinds[i].word, row->what))
			fetches->counts[i] += row->count;
}

void fetches_end(struct fetches *fetches)
{
	FILE *file = fetches->file && fetches->from >= 0 ? fopen(fetches->file, "re") : NULL;
	struct row row;

	if (!file)
		return;
	/* Of processes that were killed. */
	records_clean_up();
	if (!fseeko(file, fetches->from, SEEK_SET))
		while (row_read(file, &row))
			add_row(fetches, &row);
	fclose(file);
}

void fetches_print(FILE *to, const struct fetches *fetches, const char *which)
{
	if (!fetches->file)
		return;
	fprintf(to, "\nRunning ahead, %s:\n", which);
	if (fetches->from < 0)
		fputs("(no counts: the statistics do not go to a single regular file)\n", to);
	else if (!fetches->any)
		fputs("(no counts: CMD made no call that counts, or could not write its statistics)\n",
		      to);
	for (size_t i = 0; fetches->any && i < FETCHES_KINDS; i++)
		fprintf(to, "%-27s  %12llu\n", kinds[i].title, fetches->counts[i]);
}

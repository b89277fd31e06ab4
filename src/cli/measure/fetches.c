/* SPDX-License-Identifier: MIT */
/* Counts what was fetched ahead, synced ahead and put off in a run. */
#include "config.h"

#include "cli/measure/fetches.h"

#include "cli/cli.h"
#include "cli/settings.h"
#include "cli/statistics/records.h"
#include "cli/temp.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TABLE_FETCHES, TABLE_SYNCS, TABLE_AT_EXIT };

/* The tables, and their rows by the words that the statistics have for them. */
static const struct {
	const char *title;
	const char *key;     /* in JSON */
	const char *subject; /* in the statistics */
	struct {
		const char *word;
		const char *title;
	} rows[FETCHES_ROWS];
} tables[FETCHES_TABLES] = {
	[TABLE_FETCHES] = {
		"Running ahead", "ahead", "ahead",
		{
			{ "fetched", "files fetched" },
			{ "used", "asked for afterwards" },
			{ "late", "on their way when asked for" },
			{ "unused", "not asked for" },
			{ "cached", "cached before" },
			{ "ranges", "pieces of long files" },
		},
	},
	[TABLE_SYNCS] = {
		"Syncing ahead", "sync_ahead", "ahead",
		{
			{ "synced", "files synced early" },
			{ "proved", "syncs answered from proof" },
			{ "missed", "not synced early yet" },
			{ "refused", "with writers, or no proof" },
			{ "older", "opened before the helper" },
			{ "changed", "changed since" },
			{ "renamed", "renamed since" },
			{ "sync-errors", "early syncs that failed" },
			{ "reported", "of these, reported to CMD" },
		},
	},
	[TABLE_AT_EXIT] = {
		"Syncing at exit", "sync_at_exit", "sync-at-exit",
		{
			{ "noted", "files noted" },
			{ "synced", "file systems synced" },
			{ "exit", "before CMD ended" },
			{ "exec", "before another program" },
			{ "fork", "before a new process" },
			{ "output", "before output" },
			{ "credentials", "before new credentials" },
			{ "unmount", "before unmounting" },
			{ "close", "for a descriptor" },
		},
	},
};

void fetches_prepare(struct fetches *fetches, struct variables *shimmed)
{
	fetches->wanted[TABLE_FETCHES] = settings_fetch_ahead();
	fetches->wanted[TABLE_SYNCS] = settings_sync_ahead();
	fetches->wanted[TABLE_AT_EXIT] = settings_sync_at_exit();
	if (!fetches->wanted[TABLE_FETCHES] && !fetches->wanted[TABLE_SYNCS] &&
	    !fetches->wanted[TABLE_AT_EXIT])
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
	for (size_t i = 0; i < FETCHES_TABLES; i++)
		for (size_t j = 0; j < FETCHES_ROWS && tables[i].rows[j].word; j++)
			if (!strcmp(row->subject, tables[i].subject) &&
			    !strcmp(row->what, tables[i].rows[j].word))
				fetches->counts[i][j] += row->count;
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

static void print_table(FILE *to, const struct fetches *fetches, size_t table, const char *which)
{
	fprintf(to, "\n%s, %s:\n", tables[table].title, which);
	if (fetches->from < 0)
		fputs("(no counts: the statistics do not go to a single regular file)\n", to);
	else if (!fetches->any)
		fputs("(no counts: CMD made no call that counts, or could not write its statistics)\n",
		      to);
	for (size_t i = 0; fetches->any && i < FETCHES_ROWS && tables[table].rows[i].word; i++)
		fprintf(to, "%-27s  %12llu\n", tables[table].rows[i].title,
			fetches->counts[table][i]);
}

void fetches_print(FILE *to, const struct fetches *fetches, const char *which)
{
	for (size_t i = 0; i < FETCHES_TABLES; i++)
		if (fetches->wanted[i])
			print_table(to, fetches, i, which);
}

void fetches_json(struct json *json, const struct fetches *fetches)
{
	for (size_t i = 0; i < FETCHES_TABLES; i++) {
		if (!fetches->wanted[i] || fetches->from < 0 || !fetches->any) {
			json_null(json, tables[i].key);
			continue;
		}
		json_object(json, tables[i].key);
		for (size_t j = 0; j < FETCHES_ROWS && tables[i].rows[j].word; j++)
			json_number(json, tables[i].rows[j].word, (long long)fetches->counts[i][j]);
		json_close_object(json);
	}
}

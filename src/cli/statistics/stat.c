/* SPDX-License-Identifier: MIT */
/* `ringshim stat`: prints the counts of a process while it runs, or those of a file of reports. */
#include "config.h"

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/statistics/records.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCHEMA_VERSION = 1 };

struct stat_options {
	bool json;
	const char *file;
};

/* The summaries to print. */
struct summaries {
	struct summary *list;
	size_t count;
};

static int take_file(void *into, const struct option_spec *spec, const char *value)
{
	((struct stat_options *)into)->file = value;
	return 0;
}

static const struct option_spec options[] = {
	{ .name = "file",
	  .letter = 'f',
	  .value = "FILE",
	  .help = "read the reports in FILE, which RINGSHIM_STATS named",
	  .take = take_file },
	{ .name = NULL },
};

static struct summary *add_summary(struct summaries *all)
{
	struct summary *summary;

	all->list = grow(all->list, all->count + 1, sizeof(*all->list));
	summary = &all->list[all->count++];
	memset(summary, 0, sizeof(*summary));
	return summary;
}

static bool is_number(const char *word)
{
	return *word && word[strspn(word, "0123456789")] == '\0';
}

static bool is_meant(const struct record *record, const char *word)
{
	const struct stats_owner *owner = &record->owner;

	return is_number(word) ? owner->pid == strtoul(word, NULL, 10) :
				 !strcmp(owner->program, word);
}

static int say_not_found(const char *word)
{
	char *path = text("/proc/%s", word);
	struct stat st;

	if (!is_number(word))
		say("no process of yours named %s has statistics; RINGSHIM_STATS=FILE, or ringshim "
		    "run --stats=FILE, makes them",
		    word);
	else if (stat(path, &st))
		say("there is no process %s", word);
	else if (st.st_uid != geteuid())
		say("process %s is another user's", word);
	else
		say("process %s has no statistics; RINGSHIM_STATS=FILE, or ringshim run "
		    "--stats=FILE, makes them",
		    word);
	free(path);
	return EXIT_FAILURE;
}

/* Finds the processes, and afterwards collects those that have ended. */
static int read_records(struct summaries *all, const char *word)
{
	struct records records;

	records_find(&records);
	for (size_t i = 0; i < records.count; i++)
		if (is_meant(&records.list[i], word))
			record_summarize(&records.list[i], add_summary(all));
	records_collect(&records);
	records_free(&records);
	return all->count ? 0 : say_not_found(word);
}

static struct summary *summary_of_program(struct summaries *all, const char *program)
{
	struct summary *summary;

	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->list[i].program, program))
			return &all->list[i];
	summary = add_summary(all);
	snprintf(summary->program, sizeof(summary->program), "%s", program);
	summary->state = STATE_REPORTED;
	return summary;
}

/* The processes of a program are added up. */
static int read_file(struct summaries *all, const char *path)
{
	FILE *file = fopen(path, "re");
	struct row row;

	if (!file) {
		say("cannot read %s: %m", path);
		return EXIT_FAILURE;
	}
	while (row_read(file, &row))
		summary_add_row(summary_of_program(all, row.program), &row);
	fclose(file);
	if (all->count)
		return 0;
	say("%s has no report of RINGSHIM_STATS", path);
	return EXIT_FAILURE;
}

static void print_json(const struct summaries *all)
{
	struct json json = { .to = stdout };

	json_object(&json, NULL);
	json_string(&json, "schema", "ringshim-stat");
	json_number(&json, "version", SCHEMA_VERSION);
	json_string(&json, "ringshim", PACKAGE_VERSION);
	json_array(&json, "statistics");
	for (size_t i = 0; i < all->count; i++)
		summary_write_json(&json, &all->list[i]);
	json_close_array(&json);
	json_close_object(&json);
}

static void print_tables(const struct summaries *all)
{
	for (size_t i = 0; i < all->count; i++) {
		if (i)
			putchar('\n');
		summary_print(stdout, &all->list[i]);
	}
}

static int stat_main(const struct subcommand *self, int argc, char **argv)
{
	struct stat_options given = { 0 };
	const struct option_group groups[] = {
		{ "Options", options, &given },
		{ "", json_options, &given.json },
		{ NULL, NULL, NULL },
	};
	struct summaries all = { 0 };
	int status = options_parse(self, groups, &argc, &argv);

	if (status >= 0)
		return status;
	if (argc != (given.file ? 0 : 1)) {
		say("stat takes one process or one file: ringshim stat [--json] PID|NAME, or "
		    "ringshim stat [--json] --file=FILE");
		return EXIT_USAGE;
	}
	status = given.file ? read_file(&all, given.file) : read_records(&all, argv[0]);
	if (!status)
		given.json ? print_json(&all) : print_tables(&all);
	free(all.list);
	return status;
}

const struct subcommand cmd_stat = {
	.name = "stat",
	.synopsis = "[OPTION]... PID|NAME",
	.summary = "print the statistics of a process while it runs",
	.help = "Prints how the calls of a process were made, by its ID or by its name. It must be\n"
		"of this user and have RINGSHIM_STATS. The process is not disturbed. Of processes\n"
		"that were killed, it appends the statistics to the file that they were for.\n",
	.main = stat_main,
	.command_optional = true,
};

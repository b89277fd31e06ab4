/* SPDX-License-Identifier: MIT */
/*
 * Finds the records of this user's processes: files that the preload library maps while a process
 * with RINGSHIM_STATS runs (shim/route/stats-file.h). To read them does not disturb the process.
 */
#ifndef RINGSHIM_CLI_STATISTICS_RECORDS_H
#define RINGSHIM_CLI_STATISTICS_RECORDS_H

#include "cli/statistics/summary.h"

struct record {
	char *path;
	char *owner_path;
	bool running;
	struct stats_owner owner;
	const struct stats_record *counts; /* mapped. What it says of its owner is not trusted */
};

struct records {
	struct record *list;
	size_t count;
};

/* Finds all records. Leaves out files that are none, and those of other PID namespaces. */
void records_find(struct records *records);

void records_free(struct records *records);

/* Reads the counts of a record. */
void record_summarize(const struct record *record, struct summary *summary);

/*
 * Appends what processes that have ended without a report have counted to the files of their
 * RINGSHIM_STATS, and removes their records.
 */
void records_collect(const struct records *records);

/* Finds and collects, for commands that need nothing else of the records. */
void records_clean_up(void);

#endif

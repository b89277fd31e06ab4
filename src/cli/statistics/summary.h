/* SPDX-License-Identifier: MIT */
/* The counts of a process, or of several, in the form that tables and JSON are made from. */
#ifndef RINGSHIM_CLI_STATISTICS_SUMMARY_H
#define RINGSHIM_CLI_STATISTICS_SUMMARY_H

#include "cli/output/json.h"
#include "cli/statistics/row.h"
#include "shim/route/stats-record.h"

enum state { STATE_RUNNING, STATE_ENDED, STATE_REPORTED };

enum { SUMMARY_AHEAD_MAX = 32 };

struct summary {
	char program[32];
	long pid;	    /* of the last of them */
	unsigned processes; /* several only in a file of reports */
	enum state state;
	struct stats_totals totals;
	struct {
		char name[32];
		unsigned long long count;
	} ahead[SUMMARY_AHEAD_MAX]; /* what RINGSHIM_AHEAD did; an empty name ends it */
};

/* Adds a row of a report. Rows of one process follow each other. */
void summary_add_row(struct summary *summary, const struct row *row);

/* Returns the number of all calls, or of those by ring. */
uint64_t summary_count_calls(const struct stats_totals *totals);
uint64_t summary_count_ring(const struct stats_totals *totals);

/* Returns the sum of a kind of result over all calls. */
uint64_t summary_count_results(const struct stats_totals *totals, enum stats_result kind);

/* Returns how many calls were timed. */
uint64_t summary_count_latencies(const struct stats_totals *totals, size_t call);

/*
 * Returns how long the calls took at most, in ns, but for the longest 1 - quantile of them. It is
 * exact to the bucket; within it, it counts as if the calls were spread evenly.
 */
uint64_t summary_find_quantile(const struct stats_totals *totals, size_t call, double quantile);

/* Writes a number, or a number of bytes, in at most six characters. */
enum { SHORT_NUMBER_MAX = 24 };
const char *summary_format(char text[SHORT_NUMBER_MAX], uint64_t number);

/* Prints a table for people, in lines of at most 80 columns. */
void summary_print(FILE *to, const struct summary *summary);

/* Writes an object. ringshim-stat(1) documents its members. */
void summary_write_json(struct json *json, const struct summary *summary);

#endif

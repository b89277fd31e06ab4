/* SPDX-License-Identifier: MIT */
/* Appends the counts of a record, as rows of text, to the file that RINGSHIM_STATS names. */
#ifndef SHIM_ROUTE_STATS_REPORT_H
#define SHIM_ROUTE_STATS_REPORT_H

#include "shim/route/stats-record.h"

/* Call at the start, and in a forked child: the name of the file can contain the process ID. */
void stats_report_start(void);

/* Says that a record is this process's. */
void stats_report_describe(struct stats_owner *owner);

/* Appends what is not yet in a report. small: do not ask for memory, as there are few counts. */
void stats_report_write(struct stats_record *record, bool small);

/*
 * Appends rows of a subject that is no call, one for each count that is not 0:
 * "PID PROGRAM SUBJECT NAME - COUNT".
 */
void stats_append(const char *subject, const char *const names[], const uint64_t counts[],
		  size_t count);

#endif

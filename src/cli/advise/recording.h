/* SPDX-License-Identifier: MIT */
/* What the library has recorded of the calls of CMD and of all processes that it started. */
#ifndef RINGSHIM_CLI_ADVISE_RECORDING_H
#define RINGSHIM_CLI_ADVISE_RECORDING_H

#include "shim/timing/timing-record.h"

/* One call that took TIMING_WAIT_NS or longer. */
struct wait {
	double begin; /* ns, the same clock for all processes */
	double ns;
	int64_t offset; /* -1: none */
	uint32_t process;
	int32_t fd;	/* -1: none */
	int32_t result; /* a negative errno after a failure */
	uint16_t call;
	const char *name;	   /* of the file or peer; empty: not known */
	const char *file;	   /* that has the code which made the call; empty: not known */
	unsigned long file_offset; /* of that code */
};

/* All calls of one kind. */
struct call_total {
	unsigned long long count, errors;
	double ns, max;
	unsigned long long buckets[TIMING_BUCKETS]; /* as in struct call_timing */
};

struct recording {
	struct wait *waits; /* in the order in which they began */
	size_t count;
	unsigned long long lost; /* waits that are not in the list */
	struct call_total calls[TIMED_COUNT];
	size_t processes;
	double ns_per_tick;
};

/*
 * Reads and removes the files of the directory. ns_per_tick: how fast the processor's counter goes.
 * Returns false if no process left a file.
 */
bool recording_read(struct recording *recording, const char *directory, double ns_per_tick);

/* Removes the files of the directory. */
void recording_discard(const char *directory);

/* Returns the name of a call or another function that is timed. */
const char *recording_call_name(unsigned call);

/* Returns the time in ns that this part of the calls (0.5: half of them) stayed below. */
double recording_percentile(const struct recording *recording, unsigned call, double part);

#endif

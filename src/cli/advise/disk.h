/* SPDX-License-Identifier: MIT */
/* Measures how many reads and syncs the disk of CMD's files does at a time. */
#ifndef RINGSHIM_CLI_ADVISE_DISK_H
#define RINGSHIM_CLI_ADVISE_DISK_H

#include "cli/advise/overlap.h"

enum { IN_FLIGHT = 32 };

/* Times in ns for one operation, alone or with so many in flight; 0: not measured. */
struct disk_times {
	size_t files; /* of CMD, that were read from the disk for this */
	double cold, cold_8, cold_32;
	bool needs_network; /* they lie where --ahead does nothing unless network is given */
	double sync, sync_32;
};

/*
 * Reads pieces of files that CMD waited for, after having dropped just these pieces from the page
 * cache: one after the other, then 8 and IN_FLIGHT at a time. Nothing is read if CMD waited for few.
 */
void measure_reads(struct disk_times *times, const struct recording *recording,
		   const struct overlap *overlap);

/*
 * Writes and syncs files of its own in the directory for temporary files, if that lies on the same
 * file system as files that CMD synced one after the other.
 */
void measure_syncs(struct disk_times *times, const struct recording *recording,
		   const struct overlap *overlap);

#endif

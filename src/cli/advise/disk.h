/* SPDX-License-Identifier: MIT */
/* Measures how many reads and syncs the disk of CMD's files does at a time. */
#ifndef RINGSHIM_CLI_ADVISE_DISK_H
#define RINGSHIM_CLI_ADVISE_DISK_H

#include "cli/advise/calibration.h"

/*
 * Reads pieces of files that CMD waited for, after having dropped just these pieces from the page
 * cache: one after the other, then 8 and IN_FLIGHT at a time. Nothing is read if CMD waited for few.
 */
void measure_reads(struct calibration *calibration, const struct recording *recording,
		   const struct overlap *overlap);

/*
 * Writes and syncs files of its own in the directory for temporary files, if that lies on the same
 * file system as files that CMD synced one after the other.
 */
void measure_syncs(struct calibration *calibration, const struct recording *recording,
		   const struct overlap *overlap);

#endif

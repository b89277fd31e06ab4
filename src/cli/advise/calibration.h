/* SPDX-License-Identifier: MIT */
/* Measures, in less than a second, what a ring costs here and how much the disk does at a time. */
#ifndef RINGSHIM_CLI_ADVISE_CALIBRATION_H
#define RINGSHIM_CLI_ADVISE_CALIBRATION_H

#include "cli/advise/disk.h"

/* Times in ns for one operation; 0: not measured. */
struct calibration {
	int ring_error;		      /* errno of making a ring; 0: it can be made */
	double native;		      /* a cached read of one byte */
	double ring, ring_8, ring_32; /* the same by ring, with so many in flight */
	double worker;		      /* more for an operation that a kernel worker runs */
	double start;		      /* more for the start of a program by ringshim run --ahead */
	struct disk_times disk;
};

/* What was recorded says if reads and syncs are of interest, and names the files. */
void calibrate(struct calibration *calibration, const struct recording *recording,
	       const struct overlap *overlap);

#endif

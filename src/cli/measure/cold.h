/* SPDX-License-Identifier: MIT */
/* Drops the kernel's caches before a run, for `ringshim compare --cold`. */
#ifndef RINGSHIM_CLI_MEASURE_COLD_H
#define RINGSHIM_CLI_MEASURE_COLD_H

/* Returns 0 if caches_drop() can work here, or an exit status after printing why it cannot. */
int caches_prepare(void);

/*
 * Writes what is dirty to the disks, then drops the page cache, the directory entries and the
 * inodes of the whole machine. Returns 0, or an exit status after printing an error.
 */
int caches_drop(void);

#endif

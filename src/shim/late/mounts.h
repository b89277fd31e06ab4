/* SPDX-License-Identifier: MIT */
/*
 * The file systems that have noted files: one syncfs(2) brings all files of one to the disk. Each
 * has a descriptor, of a directory on it, from the first note to the sync after it. Errors of
 * writing back that occur in between are reported there.
 *
 * Threads and signal handlers use this at any time, so there is no lock. A thread that has to be
 * sure syncs by itself, whether or not another one is at it.
 */
#ifndef SHIM_LATE_MOUNTS_H
#define SHIM_LATE_MOUNTS_H

#include <sys/stat.h>
#include "shim/base/base.h"

/* How many have a descriptor. Not 0 while anything is noted. */
extern _Atomic uint32_t mounts_open HIDDEN;

/*
 * Notes the file fd, whose state is st. Returns 1 if it will be synced, 0 if it cannot be noted, or
 * the negative errno of an error of writing it back that has occurred already.
 */
int mounts_note(int fd, const struct statx *st);

/*
 * Syncs what was noted before the call. Returns the number of syncs that this took, or the negative
 * errno of one that failed.
 */
int mounts_sync(void);

/* Returns true if one of the descriptors from first to last is the library's. */
bool mounts_have_fd(unsigned first, unsigned last);

#endif

/* SPDX-License-Identifier: MIT */
/* The file systems whose files may be fetched: those on disks, and if wanted those on a network. */
#ifndef SHIM_AHEAD_FILE_SYSTEMS_H
#define SHIM_AHEAD_FILE_SYSTEMS_H

#include "shim/base/base.h"
/*
 * Returns true if files of the file system that fd lies on may be fetched. Without network it asks
 * no server for that.
 */
bool is_fetchable(int fd, bool network);

/*
 * Does the same for a path whose directories are in the caches, because the program has just used
 * it. Returns false if they are not.
 */
bool is_fetchable_path(int dir, const char *path, bool network);

#endif

/* SPDX-License-Identifier: MIT */
/* The file systems whose files may be fetched: those on disks, and if wanted those on a network. */
#ifndef SHIM_AHEAD_FILE_SYSTEMS_H
#define SHIM_AHEAD_FILE_SYSTEMS_H

#include "shim/base/base.h"
#include <sys/statfs.h>

/* Returns true if files of a file system that statfs(2) has described may be fetched. */
bool is_fetchable(const struct statfs *fs, bool network);

/* Does the same for the file system that path lies on. */
bool is_fetchable_path(int dir, const char *path, bool network);

#endif

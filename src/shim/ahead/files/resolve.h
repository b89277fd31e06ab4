/* SPDX-License-Identifier: MIT */
/* Opens directories of the program, by the names that the program uses for them. */
#ifndef SHIM_AHEAD_RESOLVE_H
#define SHIM_AHEAD_RESOLVE_H

#include "shim/base/base.h"

/*
 * Opens the directory that path, up to length, names for the process owner, relative to its
 * descriptor dir. Changes no access time if the kernel allows that. Returns a descriptor or a
 * negative errno.
 */
int resolve_directory(pid_t owner, int dir, const char *path, size_t length);

/* Opens a directory in another one. */
int resolve_child(int parent, const char *name);

#endif

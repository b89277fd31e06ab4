/* SPDX-License-Identifier: MIT */
/* Opens directories of the program, by the names that the program uses for them. */
#ifndef SHIM_AHEAD_RESOLVE_H
#define SHIM_AHEAD_RESOLVE_H

#include "shim/base/base.h"

/*
 * Opens the directory that path, up to length, names for the process owner, relative to its
 * descriptor dir. Names can be looked up in it, but it cannot be listed (O_PATH). Returns a
 * descriptor or a negative errno.
 */
int resolve_directory(pid_t owner, int dir, const char *path, size_t length);

/*
 * Stores the path of the working directory of the process owner. Returns false if it is not known
 * or does not fit.
 */
bool resolve_working_directory(pid_t owner, char *path, size_t size);

/*
 * Opens a regular file on a disk, by the name that the process owner uses for it, with O_PATH:
 * nobody can notice. Returns a descriptor or a negative errno.
 */
int resolve_regular_file(pid_t owner, const char *path);

/* Opens what fd names, to read it. Returns a descriptor or a negative errno. */
int resolve_open_again(int fd);

/*
 * Opens a directory in another one, or "." for that one, to be listed. Listing it changes no access
 * time if the kernel allows that.
 */
int resolve_listed(int parent, const char *name);

#endif

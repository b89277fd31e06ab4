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
 * Stores where a link in /proc/PID of the process owner leads, such as "/cwd". Returns the length, or
 * 0 if it is not known. A path that does not fit is cut to size - 1 characters.
 */
size_t resolve_link(pid_t owner, const char *name, char *path, size_t size);

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

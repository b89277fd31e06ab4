/* SPDX-License-Identifier: MIT */
/* Computes file names. The caller frees all results. */
#ifndef RINGSHIM_CLI_PATHS_H
#define RINGSHIM_CLI_PATHS_H

/* Returns path as an absolute path: a relative one starts at the working directory. */
char *path_absolute(const char *path);

/* Returns the directory of path, which must be absolute. */
char *path_directory(const char *path);

/* Returns the file that this program was started from, or NULL. */
char *path_of_self(void);

#endif

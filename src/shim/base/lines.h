/* SPDX-License-Identifier: MIT */
/* Reads a text file, such as those of /proc, line by line. */
#ifndef SHIM_BASE_LINES_H
#define SHIM_BASE_LINES_H

/*
 * Calls visit for each line, without its newline. Of a line of 4 KiB or more only the end is seen.
 * Returns 0, or a negative errno if the file could not be opened or read to its end.
 */
int lines_visit(const char *path, void (*visit)(void *arg, const char *line), void *arg);

#endif

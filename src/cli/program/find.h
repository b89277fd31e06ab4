/* SPDX-License-Identifier: MIT */
/* Finds the executable file of a command name, as execvp(3) does. */
#ifndef RINGSHIM_CLI_PROGRAM_FIND_H
#define RINGSHIM_CLI_PROGRAM_FIND_H

/*
 * Finds the file that execvp(3) would execute for name. Returns 0 and sets *path, which the caller
 * frees; or prints an error and returns EXIT_NOT_FOUND or EXIT_CANNOT_RUN.
 */
int find_program(const char *name, char **path);

/* Returns the path of the executable name in PATH, which the caller frees, or NULL. */
char *find_in_path(const char *name);

#endif

/* SPDX-License-Identifier: MIT */
/* Finds strace, and makes the command line with which it traces CMD. */
#ifndef RINGSHIM_CLI_STRACE_STRACE_H
#define RINGSHIM_CLI_STRACE_STRACE_H

#include "cli/variables.h"

/* Returns the path of strace, or NULL after printing that it is missing and how to install it. */
char *strace_find(void);

/*
 * Returns strace's arguments to run argv with variables. strace writes a line for each call to the
 * file of trace, a descriptor of this process. The variables are set for CMD only, not for strace.
 */
char **strace_arguments(char **argv, const struct variables *variables, int trace);

#endif

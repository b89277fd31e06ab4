#ifndef RINGSHIM_CLI_STRACE_H
#define RINGSHIM_CLI_STRACE_H

#include "cli/variables.h"

/* The strace in PATH, or NULL after saying that and how to get it. */
char *strace_find(void);

/*
 * strace's arguments to run ARGV with VARIABLES, counting into the file that is
 * this process's descriptor SUMMARY. Nothing of VARIABLES enters strace itself.
 */
char **strace_arguments(char **argv, const struct variables *variables, int summary);

#endif

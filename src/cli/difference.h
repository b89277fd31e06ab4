#ifndef RINGSHIM_CLI_DIFFERENCE_H
#define RINGSHIM_CLI_DIFFERENCE_H

#include <stdbool.h>

/* "exit status 3", "killed by SIGSEGV"; the caller frees it. */
char *ending_of(int status);

/*
 * Compares what two runs wrote into the files NATIVE and SHIMMED. Returns whether
 * they are the same, after saying on standard error how WHAT differs.
 */
bool same_output(const char *what, int native, int shimmed);

/* How much FD's file holds. */
long long size_of(int fd);

#endif

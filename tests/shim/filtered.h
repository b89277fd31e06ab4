/* SPDX-License-Identifier: MIT */
/* Declarations shared by filtered.c and filtered-trace.c. */
#ifndef FILTERED_H
#define FILTERED_H

#include <sys/types.h>
#include <unistd.h>

/* A symlinkat(2) to one of these descriptors marks where the case begins or ends. */
enum { FILTERED_BEGIN = -111, FILTERED_END = -112 };

/*
 * Traces the process, which waits for a byte from go, and prints the system calls that it made.
 * Returns its status.
 */
int filtered_trace(const char *name, pid_t pid, int go);

#endif

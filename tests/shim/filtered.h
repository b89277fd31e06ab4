/* SPDX-License-Identifier: MIT */
/* What filtered's two parts have in common. */
#ifndef FILTERED_H
#define FILTERED_H

#include <sys/types.h>
#include <unistd.h>

/* symlinkat(2) to these descriptors marks where the case begins and ends. */
enum { FILTERED_BEGIN = -111, FILTERED_END = -112 };

/*
 * Traces the process, which waits for a byte from go, and prints which system calls
 * it made. Returns its status.
 */
int filtered_trace(const char *name, pid_t pid, int go);

#endif

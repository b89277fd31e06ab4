/* SPDX-License-Identifier: MIT */
/*
 * Counts the system calls of a run from the lines that strace writes to a pipe, while the run goes
 * on: for each call and for each process, with who made it.
 */
#ifndef RINGSHIM_CLI_STRACE_TRACE_H
#define RINGSHIM_CLI_STRACE_TRACE_H

#include "cli/strace/counts.h"
#include "cli/strace/tracees.h"

#include <poll.h>

struct trace {
	struct counts *counts; /* the calls of the run which are added to them */
	int which;
	struct tracees tracees;
	unsigned long long calls;
	int pipe[2];
	char *line; /* read so far */
	size_t length, size;
};

/* Makes the pipe. library: path of the preload library of the run, or NULL. */
void trace_open(struct trace *trace, struct counts *counts, int which, const char *library);

struct pollfd trace_poll(const struct trace *trace);

/* Reads some of what is in the pipe. Does not block. */
void trace_move(struct trace *trace);

/* Call once strace has ended: reads what is left, and closes the pipe. */
void trace_close(struct trace *trace);

#endif

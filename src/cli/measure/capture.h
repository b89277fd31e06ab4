/* SPDX-License-Identifier: MIT */
/*
 * Captures what CMD writes to one of its descriptors. CMD writes to a pipe, and ringshim moves
 * the data from there to an unnamed file. CMD does not write to the file itself, because some
 * programs treat a file differently: cat(1) then lets the kernel copy the data.
 */
#ifndef RINGSHIM_CLI_MEASURE_CAPTURE_H
#define RINGSHIM_CLI_MEASURE_CAPTURE_H

#include <poll.h>

struct capture {
	int file;
	int pipe; /* read end, from the current run; -1: none */
};

void capture_open(struct capture *capture);

/* Starts a run: returns the descriptor for CMD to write to; the caller closes it. */
int capture_begin(struct capture *capture);

struct pollfd capture_poll(const struct capture *capture);

/* Moves all data that is in the pipe to the file. Does not block. */
void capture_move(struct capture *capture);

/* Ends a run, once CMD has ended: moves the remaining data and closes the pipe. */
void capture_end(struct capture *capture);

void capture_close(struct capture *capture);

#endif

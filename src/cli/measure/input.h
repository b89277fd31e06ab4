/* SPDX-License-Identifier: MIT */
/*
 * Gives every run of CMD the same standard input. A file is rewound. A pipe or socket is first read
 * to its end into a file. If its end does not come soon, the input is relayed through a pipe
 * instead, and kept: the next run gets the same data, then what follows. Anything else (a
 * terminal, a device) is passed on as it is.
 */
#ifndef RINGSHIM_CLI_MEASURE_INPUT_H
#define RINGSHIM_CLI_MEASURE_INPUT_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

struct input {
	enum { INPUT_AS_IS, INPUT_REWOUND, INPUT_RELAYED } kind;
	int file;    /* REWOUND: the file that CMD reads; RELAYED: a copy of all input so far */
	off_t start; /* REWOUND: the file position at which each run starts */
	/* The rest is for RELAYED. */
	off_t length; /* bytes of input so far */
	bool ended;   /* the end of the input was reached */
	int pipe;     /* write end, to the current run; -1: none */
	off_t given;  /* bytes that the current run was given */
};

#define INPUT_POLLS 2 /* number of entries that input_polls() fills */

/* Examines standard input. Can wait a second for the end of a pipe. */
void input_open(struct input *input);

/* Starts a run: returns the descriptor for its standard input; the caller closes it. */
int input_begin(struct input *input);

/* Fills all of polls with what input_move() waits for. poll(2) ignores entries whose fd is -1. */
void input_polls(const struct input *input, struct pollfd polls[INPUT_POLLS]);

/* After poll(2): moves the data that is ready to the current run. */
void input_move(struct input *input, const struct pollfd polls[INPUT_POLLS]);

/* Closes the pipe to the current run. */
void input_end(struct input *input);

#endif

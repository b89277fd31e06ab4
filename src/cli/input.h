#ifndef RINGSHIM_CLI_INPUT_H
#define RINGSHIM_CLI_INPUT_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Gives every run of CMD the same standard input. A file is rewound. What a pipe or
 * socket holds is read to its end into a file first; one that does not end soon is
 * relayed through a pipe instead and kept, so that the next run gets what the one
 * before got, and then what follows. Anything else (terminals, devices) is passed on
 * as it is.
 */
struct input {
	enum { INPUT_AS_IS, INPUT_REWOUND, INPUT_RELAYED } kind;
	int file;	/* REWOUND: what CMD reads; RELAYED: all that came so far */
	off_t start;	/* REWOUND: the file position to start from */
	/* RELAYED */
	off_t length;	/* how much came so far */
	bool ended;	/* nothing more will come */
	int pipe;	/* to the present run; -1: none */
	off_t given;	/* how much of it the present run got */
};

#define INPUT_POLLS 2	/* at most as many entries of a poll set */

/* May wait for a second. */
void input_open(struct input *input);

/* The descriptor to be a run's standard input; the caller closes it. */
int input_begin(struct input *input);

/* Fills POLLS with what input_move() waits for, ignored entries included. */
void input_polls(const struct input *input, struct pollfd polls[INPUT_POLLS]);

/* Moves what can be moved after a poll(2). */
void input_move(struct input *input, const struct pollfd polls[INPUT_POLLS]);

void input_end(struct input *input);

#endif

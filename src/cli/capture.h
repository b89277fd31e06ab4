#ifndef RINGSHIM_CLI_CAPTURE_H
#define RINGSHIM_CLI_CAPTURE_H

#include <poll.h>

/*
 * What CMD writes to one of its descriptors: it writes into a pipe, from where it is
 * moved into a file without a name. Not straight into the file, because there
 * programs take other ways: cat(1) leaves the copying to the kernel.
 */
struct capture {
	int file;
	int pipe;	/* from the present run; -1: none */
};

void capture_open(struct capture *capture);

/* The descriptor for CMD to write to; the caller closes it. */
int capture_begin(struct capture *capture);

struct pollfd capture_poll(const struct capture *capture);

/* Moves all that is there. */
void capture_move(struct capture *capture);

/* The same, once CMD has ended. */
void capture_end(struct capture *capture);

void capture_close(struct capture *capture);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait: how to bring one about on each kind of descriptor, and how
 * the other side ends the wait. A further kind is one row of the table.
 */
#ifndef KINDS_H
#define KINDS_H

#include "harness.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	KIND_RING = 1,		/* under the shim this goes through a ring */
	KIND_SEND = 2,		/* sends the stream of test data, the peer drains it */
	KIND_STREAM = 4,	/* sends any length, so it can be partly done */
	KIND_DATA = 8,		/* leaves what it received in buf */
	KIND_FD = 16,		/* returns a new descriptor */
	KIND_SLOW = 32,		/* ends only after a second or so */
	KIND_LAG = 64,		/* room may still appear a while after it is full */
	KIND_NOPEEK = 128,	/* what it waits for cannot be read back with read */
	KIND_STDIO = 256,	/* jumping out of it is undefined */
};

struct io {
	const struct kind *kind;
	pid_t owner;		/* the process that makes the call */
	int fd;			/* what the call works on */
	int peer;		/* what the other side holds */
	int aux[2];
	bool reserves;		/* fd only has the address: the caller is to make the listener */
	pid_t child;
	FILE *file;
	struct sockaddr_storage addr;
	socklen_t addrlen;
	size_t len;		/* of one send */
	uint64_t place;		/* bytes sent so far */
	unsigned char *buf;	/* BUFFER bytes */
	struct traffic *traffic;
};

#define BUFFER (1 << 20)

/* What the draining side saw; in shared memory. */
struct traffic {
	_Atomic uint64_t bytes;
	atomic_int wrong;	/* a byte that was not the next of the stream */
	atomic_int sent_all;	/* set by the sender when it has finished */
};

struct kind {
	const char *name;
	void (*setup)(struct io *io);
	long (*call)(struct io *io);	/* negative errno on failure */
	void (*release)(struct io *io);	/* raw calls only; sends: drains to the end */
	unsigned flags;
};

extern const struct kind kinds[];
extern const size_t kind_count;

const struct kind *kind_find(const char *name);
void kind_setup(const struct kind *kind, struct io *io, struct traffic *traffic);
/* The caller has made the processes that help it. Called by each accept at the latest. */
void kind_alone(struct io *io);
/* Drains up to limit bytes of a sending kind, checking them. */
void kind_drain(struct io *io, uint64_t limit);
/* The sender has sent all it will. */
void kind_finish(struct io *io);
/* Says what a finished call returned (and received). */
void kind_say(struct io *io, long result);

#endif

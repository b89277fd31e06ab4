/* SPDX-License-Identifier: MIT */
/*
 * Waiting calls: how to make one wait on each kind of descriptor, and how the other side ends the
 * wait. A new kind is one more row of the table.
 */
#ifndef WAITING_CALLS_H
#define WAITING_CALLS_H

#include "harness.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	KIND_RING = 1,		/* under the shim this goes through a ring */
	KIND_SEND = 2,		/* sends the stream of test data, which the peer drains */
	KIND_STREAM = 4,	/* sends any length, so it can be partly complete */
	KIND_DATA = 8,		/* leaves what it received in buf */
	KIND_FD = 16,		/* returns a new descriptor */
	KIND_SLOW = 32,		/* finishes only after a second or so */
	KIND_LAG = 64,		/* room can still appear a while after it is full */
	KIND_NOPEEK = 128,	/* the awaited event is not data that read returns */
	KIND_STDIO = 256,	/* jumping out of it is undefined behaviour */
};

struct io {
	const struct kind *kind;
	pid_t owner;		/* the process that makes the call */
	int fd;			/* the descriptor that the call works on */
	int peer;		/* the other side's descriptor */
	int aux[2];
	bool reserves;		/* fd only reserves the address: the caller makes the listener */
	pid_t child;
	FILE *file;
	struct sockaddr_storage addr;
	socklen_t addrlen;
	size_t len;		/* length of one send */
	uint64_t place;		/* bytes sent so far */
	unsigned char *buf;	/* BUFFER bytes */
	struct traffic *traffic;
};

#define BUFFER (1 << 20)

/* Observations of the draining side, in shared memory. */
struct traffic {
	_Atomic uint64_t bytes;
	atomic_int wrong;	/* bytes that were not the next of the stream */
	atomic_int sent_all;	/* set by the sender when it is done */
};

struct kind {
	const char *name;
	void (*setup)(struct io *io);
	long (*call)(struct io *io);	/* negative errno on failure */
	void (*release)(struct io *io);	/* raw calls only; for sends: drains to the end */
	unsigned flags;
};

extern const struct kind kinds[];
extern const size_t kind_count;

const struct kind *kind_find(const char *name);
void kind_setup(const struct kind *kind, struct io *io, struct traffic *traffic);
/* Called when the caller has made its helper processes; at the latest by each accept. */
void kind_alone(struct io *io);
/* Drains up to limit bytes of a sending kind, checking them. */
void kind_drain(struct io *io, uint64_t limit);
/* Tells the drain that the sender has sent everything. */
void kind_finish(struct io *io);
/* Reports the return value of a finished call, and the data received. */
void kind_say(struct io *io, long result);

#endif

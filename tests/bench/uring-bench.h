/* SPDX-License-Identifier: MIT */
/* A contender: one library with one kind of ring. */
#ifndef RINGSHIM_URING_BENCH_H
#define RINGSHIM_URING_BENCH_H

#define BENCH_ENTRIES 128
#define BENCH_BLOCK 4096
#define BENCH_MESSAGE 64

struct contender {
	const char *name;
	void *(*make)(unsigned entries);	/* a ring, or NULL */
	void (*end)(void *ring);
	/* Submits a batch at once, waits for it and reaps it; false on an error. */
	int (*nops)(void *ring, unsigned batch);
	int (*reads)(void *ring, unsigned batch, int fd, char *buf);
	/*
	 * Receives the messages of fd from now on, into a ring of BENCH_ENTRIES buffers; waits
	 * for a batch of them and gives their buffers back. False on an error.
	 */
	void *(*receive)(void *ring, int fd, char *buf);
	int (*receives)(void *ring, void *buffers, unsigned batch);
};

extern const struct contender liburing_default, liburing_thread;
extern const struct contender ringshim_default, ringshim_thread;

#endif

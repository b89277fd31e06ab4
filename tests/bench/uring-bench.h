/* SPDX-License-Identifier: MIT */
/* Declares a contender of the benchmark: one library with one kind of ring. */
#ifndef RINGSHIM_URING_BENCH_H
#define RINGSHIM_URING_BENCH_H

#define BENCH_ENTRIES 128
#define BENCH_BLOCK 4096
#define BENCH_MESSAGE 64

struct contender {
	const char *name;
	void *(*make)(unsigned entries);	/* returns a ring, or NULL */
	void (*end)(void *ring);
	/* Submits a batch at once, waits for it and reaps it. Returns false on an error. */
	int (*nops)(void *ring, unsigned batch);
	int (*reads)(void *ring, unsigned batch, int fd, char *buf);
	/*
	 * From now on receives the messages of fd into a ring of BENCH_ENTRIES buffers. Waits for a
	 * batch of them and gives their buffers back. Returns false on an error.
	 */
	void *(*receive)(void *ring, int fd, char *buf);
	int (*receives)(void *ring, void *buffers, unsigned batch);
};

extern const struct contender liburing_default, liburing_thread;
extern const struct contender ringshim_default, ringshim_thread;

#endif

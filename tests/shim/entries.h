/* SPDX-License-Identifier: MIT */
/*
 * The entries that a program's calls make, as the kernel gets them: a tracer
 * stops the program when it enters its ring, and reads the queue. The program
 * says with each call which entries that means.
 */
#ifndef TESTS_SHIM_ENTRIES_H
#define TESTS_SHIM_ENTRIES_H

#include <stdint.h>
#include "uring/uring.h"

/* A system call that does not exist, by which the program talks to the tracer. */
enum {
	ENTRIES_CALL = 0x70000000,
	ENTRIES_MOST = 8,
};

/* What is announced before a call, and is over at the next announcement. */
struct announcement {
	char name[32];
	uint32_t count;
	struct uring_sqe sqes[ENTRIES_MOST];
};

/* An address of the library's own, in place of the program's: any but NULL will do. */
#define SOMEWHERE 0x5a5a5a5a5a5a5a5aull

/* Makes each call once; in an empty directory. */
void entries_make_calls(void);

#endif

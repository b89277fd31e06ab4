/* SPDX-License-Identifier: MIT */
/*
 * Tests the submission queue entries of a program's calls as the kernel receives them. A tracer
 * stops the program when it enters its ring, and reads the queue. Before each call the program
 * announces the entries that it must produce.
 */
#ifndef TESTS_SHIM_ENTRIES_H
#define TESTS_SHIM_ENTRIES_H

#include <stdint.h>
#include "uring/uring.h"

/* The number of a system call that does not exist, by which the program talks to the tracer. */
enum {
	ENTRIES_CALL = 0x70000000,
	ENTRIES_MOST = 8,
};

/* The announcement of a call; it holds until the next announcement. */
struct announcement {
	char name[32];
	uint32_t count;
	struct uring_sqe sqes[ENTRIES_MOST];
};

/* In an announced entry, matches any address of the library's own except NULL. */
#define SOMEWHERE 0x5a5a5a5a5a5a5a5aull

/* Makes each call once. The current directory must be empty. */
void entries_make_calls(void);

#endif

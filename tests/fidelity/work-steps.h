/* SPDX-License-Identifier: MIT */
/*
 * Checks that I/O works at this point: each function makes its own descriptors, uses them, and
 * closes them again. All can be called in handlers and forked children.
 */
#ifndef WORKS_H
#define WORKS_H

#include <pthread.h>
#include "harness.h"

bool pair_works(int in, int out);	/* the two ends of a pipe or socket */
bool pipe_works(void);
bool socket_works(void);
bool file_works(void);
bool io_works(void);			/* all of them */

/* Prints "what ok" or "what WRONG". */
void say_ok(const char *what, bool ok);

/* Starts a thread, or ends the process. */
pthread_t start(void *(*body)(void *), void *arg);

#endif

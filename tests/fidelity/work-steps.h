/* SPDX-License-Identifier: MIT */
/*
 * Whether I/O works here and now: each function makes what it uses, uses it,
 * and puts it away again. All may be called from handlers and forked children.
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

/* "what ok" or "what WRONG". */
void say_ok(const char *what, bool ok);

/* A thread, or the end of the process. */
pthread_t start(void *(*body)(void *), void *arg);

#endif

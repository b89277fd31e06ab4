/* SPDX-License-Identifier: MIT */
/* Helpers shared by the calls of liburing's functions. They compile against any liburing. */
#ifndef RINGSHIM_TEST_CALLS_H
#define RINGSHIM_TEST_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

/* True if the header has the names of that version. 2.3 cannot be asked. */
#ifdef IO_URING_CHECK_VERSION
#define SINCE(minor) (!IO_URING_CHECK_VERSION(2, minor))
#else
#define SINCE(minor) 0
#endif

/* Tells the libraries apart. */
#ifdef URING_MAX_ENTRIES
#define IS_OURS 1
#else
#define IS_OURS 0
#endif

/* Opens a ring that is destroyed after the test; skips the test if the kernel lacks the flags. */
struct io_uring *open_ring(unsigned entries, unsigned flags);

/* Skips the test if the kernel lacks the operation. */
void need_op(int op, const char *name);

/* entry returns a fresh entry; run submits the prepared entry alone and returns its result. */
struct io_uring_sqe *entry(struct io_uring *ring);
int run(struct io_uring *ring);

/* Takes the next completion; returns its result, and its flags in *flags. */
int next_cqe(struct io_uring *ring, unsigned *flags);

/* Makes a directory, removed after the test, and changes to it. */
void enter_temp_dir(void);

/* Makes a file with this text in the current directory. */
int make_file(const char *name, const char *text);

#endif

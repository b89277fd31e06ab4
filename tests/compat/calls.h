/* SPDX-License-Identifier: MIT */
/* What the calls of liburing's functions share. Compiled against any liburing. */
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

/* Whether the header has the names of that version. 2.3 cannot be asked. */
#ifdef IO_URING_CHECK_VERSION
#define SINCE(minor) (!IO_URING_CHECK_VERSION(2, minor))
#else
#define SINCE(minor) 0
#endif

/* Which library this is. */
#ifdef URING_MAX_ENTRIES
#define IS_OURS 1
#else
#define IS_OURS 0
#endif

/* A ring, ended when the test is; skips the test where the kernel lacks the flags. */
struct io_uring *open_ring(unsigned entries, unsigned flags);

/* Skips the test where the kernel lacks the operation. */
void need_op(int op, const char *name);

/* A fresh entry; an operation that is prepared in it and run alone: its result. */
struct io_uring_sqe *entry(struct io_uring *ring);
int run(struct io_uring *ring);

/* The next completion: its result, and its flags. */
int next_cqe(struct io_uring *ring, unsigned *flags);

/* A directory that is gone after the test, as the current one. */
void enter_temp_dir(void);

/* A file there with this text. */
int make_file(const char *name, const char *text);

#endif

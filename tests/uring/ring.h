/* SPDX-License-Identifier: MIT */
/* What the tests of operations share: a ring, and running one entry on it. */
#ifndef RINGSHIM_TEST_RING_H
#define RINGSHIM_TEST_RING_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "uring/uring.h"
#include "tap.h"

/*
 * A ring of the kind that URING_TEST_RING names: default, thread, sqpoll or
 * array (with an index array); destroyed at exit.
 */
struct uring *open_ring(unsigned entries);

/* The same, for a test that registers things: not every ring can, before 6.3. */
struct uring *open_ring_to_register(unsigned entries);
void need_registrations(const struct uring *ring);

/* A ring with these flags; skips the test when the kernel does not have them. */
struct uring *open_ring_with(unsigned entries, unsigned flags);

/* Submits, waits for one completion and takes it. Bounded in time. */
struct uring_cqe next_cqe(struct uring *ring);

/* Submits sqe, alone in the queue, and returns its result. */
int run(struct uring *ring, struct uring_sqe *sqe);

/* Whether nothing completes for some milliseconds. */
int is_quiet(struct uring *ring, int milliseconds);

/* Skips the test when the kernel does not have it. */
void need(enum uring_what what, uint64_t value);

/* The same for something that cannot be probed, but by what came with it. */
int of_the_age_of(enum uring_what what, uint64_t value);
void need_age_of(enum uring_what what, uint64_t value, const char *name);

/* A file in TMPDIR without a name, or with one for the duration of the test. */
int temp_file(void);
const char *temp_dir(void);

/* A file's worth of bytes that are not all alike. */
void fill_pattern(void *buf, size_t len, unsigned seed);

/* A connected pair of TCP sockets over the loopback device. */
void tcp_pair(int fds[2]);

/* A listening TCP socket on a port of the kernel's choice. */
int tcp_listener(void *sockaddr_in);

#endif

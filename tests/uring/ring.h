/* SPDX-License-Identifier: MIT */
/* Helpers shared by the tests of operations: open a ring, and run one entry on it. */
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
 * Opens a ring of the kind that URING_TEST_RING names: default, thread, sqpoll or array (with an
 * index array). It is destroyed at exit.
 */
struct uring *open_ring(unsigned entries);

/* The same, for a test that registers resources, which not every ring can do before 6.3. */
struct uring *open_ring_to_register(unsigned entries);
void need_registrations(const struct uring *ring);

/* Opens a ring with these flags; skips the test if the kernel does not support them. */
struct uring *open_ring_with(unsigned entries, unsigned flags);

/* Submits, waits for one completion for a limited time, and takes it. */
struct uring_cqe next_cqe(struct uring *ring);

/* Submits sqe, which must be the only entry in the queue, and returns its result. */
int run(struct uring *ring, struct uring_sqe *sqe);

/* Returns true if nothing completes for so many milliseconds. */
int is_quiet(struct uring *ring, int milliseconds);

/* Skips the test if the kernel does not support it. */
void need(enum uring_what what, uint64_t value);

/* The same for a feature that cannot be probed: probes one that is as old. */
int of_the_age_of(enum uring_what what, uint64_t value);
void need_age_of(enum uring_what what, uint64_t value, const char *name);

/* Makes a file in TMPDIR without a name, or with one that is removed after the test. */
int temp_file(void);
const char *temp_dir(void);

/* Fills buf with bytes that are not all alike. */
void fill_pattern(void *buf, size_t len, unsigned seed);

/* A connected pair of TCP sockets over the loopback device. */
void tcp_pair(int fds[2]);

/* Makes a listening TCP socket on a port that the kernel chooses. */
int tcp_listener(void *sockaddr_in);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The wrapper library: io_uring for C, and through plain symbols for any language. Include
 * this header for all of it.
 */
#ifndef RINGSHIM_URING_H
#define RINGSHIM_URING_H

/*
 * Conventions, for all functions:
 * - A function that can fail returns a negative errno and leaves errno untouched.
 * - An operation, uring_X(ring, user_data, ...), takes an entry of the submission queue,
 *   fills it and returns it, so that the caller can add flags (URING_SQE_*). It returns
 *   NULL if the queue is full. Nothing runs before uring_submit.
 * - uring_prep_X(sqe, ...) fills an entry that the caller already has, in a queue or not.
 * - Memory passed by address stays the caller's. Data must live until the completion.
 *   Paths, iovecs, addresses and timespecs must live until uring_submit has returned (until
 *   the completion with URING_SETUP_SQPOLL).
 * - Only one thread may use a ring at a time: no function takes a lock.
 */

#include "abi.h"
#include "queue.h"
#include "prep.h"
#include "ops.h"
#include "register.h"
#include "recvmsg.h"
#include "probe.h"

#endif

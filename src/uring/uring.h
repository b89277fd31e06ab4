/*
 * io_uring for C, and by plain symbol for any language.
 *
 * Conventions, for all of it:
 * - a function that can fail returns a negative errno and leaves errno alone;
 * - an operation, uring_X(ring, user_data, ...), takes an entry of the submission
 *   queue, fills it and returns it, so that flags can be added (URING_SQE_*), or
 *   returns NULL when the queue is full. Nothing runs before uring_submit;
 * - uring_prep_X(sqe, ...) fills an entry the caller has, in a queue or not;
 * - what is handed over by address stays the caller's. Data must live until the
 *   completion; paths, iovecs, addresses and timespecs only until uring_submit
 *   has returned (until the completion with URING_SETUP_SQPOLL);
 * - a ring is one thread's at a time: nothing here takes a lock.
 */
#ifndef RINGSHIM_URING_H
#define RINGSHIM_URING_H

#include "abi.h"
#include "queue.h"
#include "prep.h"
#include "ops.h"
#include "register.h"
#include "recvmsg.h"
#include "probe.h"

#endif

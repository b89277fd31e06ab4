/* SPDX-License-Identifier: MIT */
/* Operations that a ring refuses although the kernel has them: io_uring's own filters of a task. */
#ifndef RINGSHIM_CLI_DOCTOR_REFUSALS_H
#define RINGSHIM_CLI_DOCTOR_REFUSALS_H

#include "uring/uring.h"

#include <stdbool.h>
#include <stdint.h>

/* What an entry needs so that the kernel accepts it, fails when it runs it, and does nothing. */
enum entry_shape {
	SHAPE_BARE, /* nothing: there is no descriptor -1 */
	SHAPE_MESSAGE,
	SHAPE_OPENAT2,
	SHAPE_PATH,
	SHAPE_PATHS,
	SHAPE_PIPE,
	SHAPE_SPLICE,
	SHAPE_TIMEOUT,
	SHAPE_WAITID,
	SHAPE_XATTR,
};

/*
 * Runs an operation on the ring, and returns its result: -EACCES if the ring's restrictions or
 * filters refuse it. None of the operations of features.def gives EACCES otherwise.
 */
int refusal_try(struct uring *ring, enum uring_op op, enum entry_shape shape);

#endif

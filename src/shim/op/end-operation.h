/* SPDX-License-Identifier: MIT */
/* Ends an operation that is in flight or about to be submitted. */
#ifndef SHIM_OP_END_OPERATION_H
#define SHIM_OP_END_OPERATION_H

#include "shim/queue/queue.h"

/*
 * Ends the operation in flight. Cancels it if a signal interrupts the native call, else waits for
 * it. The caller has blocked all signals.
 */
void op_end_in_flight(struct thread *thread, struct operation *op);

/* Makes the next wait return at once, because the operation that it waits for is over. */
void op_wake_wait(struct thread *thread);

/* Gives op up: if it has ended it keeps its result, otherwise the call goes direct. */
void op_abandon(struct operation *op);

/*
 * Does the same in a child that a handler forked over op. The ring stayed with the parent, so maps
 * empty memory in its place.
 */
void op_abandon_in_child(struct thread *thread, struct operation *op);

#endif

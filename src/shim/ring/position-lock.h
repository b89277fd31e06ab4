/* SPDX-License-Identifier: MIT */
/*
 * Locks in place of the kernel's file position lock, which ring operations do not take. Each open
 * file description has one, drawn from a fixed set; descriptors that name the same description have
 * the same lock.
 */
#ifndef SHIM_RING_POSITION_LOCK_H
#define SHIM_RING_POSITION_LOCK_H

#include "shim/base/base.h"

enum { POSITION_LOCKS = 512, POSITION_NONE = -1 };

/* Draws a lock for a new open file description. */
unsigned position_lock_draw(void);

/*
 * owner is a thread id. It is kept in the lock, so that a wrapped signal handler that interrupts
 * the owner can release the lock while it runs (op/interrupt.c).
 */
void position_lock_acquire(unsigned lock, uint32_t owner);
bool position_lock_is_held(unsigned lock, uint32_t owner);
void position_lock_release(unsigned lock, uint32_t owner);

/* Waits until every lock that other threads held at the call has been released once. */
void position_lock_barrier(void);

/* Call in a forked child, in which the owners are gone. */
void position_lock_reset(void);

#endif

/*
 * Locks that stand in for the kernel's file position lock, which ring
 * operations do not take. One per open file description, drawn from a fixed
 * set; descriptors that name the same description have the same lock.
 */
#ifndef SHIM_RING_POSITION_LOCK_H
#define SHIM_RING_POSITION_LOCK_H

#include "shim/base/base.h"

enum { POSITION_LOCKS = 512, POSITION_NONE = -1 };

/* Draws a lock for a new open file description. */
unsigned position_lock_draw(void);

/*
 * The lock knows its owner, so that a handler that interrupts the owner can
 * give it up for as long as it runs (see interrupt.c).
 */
void position_lock_acquire(unsigned lock, uint32_t owner);
bool position_lock_is_held(unsigned lock, uint32_t owner);
void position_lock_release(unsigned lock, uint32_t owner);

/* Returns when every lock that was held at the call has been given up once. */
void position_lock_barrier(void);

/* In a forked child, where the owners are gone. */
void position_lock_reset(void);

#endif

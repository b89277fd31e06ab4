/* SPDX-License-Identifier: MIT */
/*
 * RINGSHIM_RING=sqpoll: rings whose entries a kernel thread takes as soon as it sees them. One such
 * polling thread serves all rings of the process.
 */
#ifndef SHIM_RING_SQPOLL_H
#define SHIM_RING_SQPOLL_H

#include "shim/config/settings.h"
#include "uring/uring.h"

/* Returns true if new rings should be made like that. */
bool sqpoll_is_wanted(void);

/*
 * Makes a ring with a polling thread, as uring_init_thread() makes one without. The process keeps
 * one descriptor with a high number open.
 */
int sqpoll_init_ring(struct uring *ring);

/*
 * Call before the process changes its credentials, because a polling thread keeps those that it was
 * made with. From the next call on rings are made without one.
 */
void sqpoll_disable(void);

#endif

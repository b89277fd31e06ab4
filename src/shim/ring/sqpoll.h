/*
 * RINGSHIM_RING=sqpoll: rings whose entries a thread of the kernel takes as
 * soon as it sees them, one thread for all rings of the process.
 */
#ifndef SHIM_RING_SQPOLL_H
#define SHIM_RING_SQPOLL_H

#include "shim/config/settings.h"
#include "uring/uring.h"

/* Whether rings are to be made so. */
bool sqpoll_is_wanted(void);

/* As uring_init_thread. The process keeps one descriptor, of a high number. */
int sqpoll_init_ring(struct uring *ring);

/*
 * The process changed its credentials; a polling thread made before keeps the
 * old ones. From the next call on, rings are made without.
 */
void sqpoll_disable(void);

#endif

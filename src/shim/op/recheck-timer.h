/*
 * A timer on the ring of each thread that makes calls which may wait: it ends
 * a wait before the call has slept for long on what the descriptor table says.
 * It is set by the first such call and serves all until it goes off, as a timer
 * for each costs more than the call.
 */
#ifndef SHIM_OP_RECHECK_TIMER_H
#define SHIM_OP_RECHECK_TIMER_H

#include "shim/ring/thread.h"

bool recheck_timer_arm(struct thread *thread);

/* Whether a wait on thread's ring will be ended within the time of a tick. */
static inline bool recheck_timer_ensure(struct thread *thread)
{
	return likely(thread->recheck_armed) || recheck_timer_arm(thread);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The recheck timer: a timeout on the ring of each thread whose calls can wait. It ends a wait
 * before the call has slept long on what the descriptor table says. The first such call arms it,
 * and it serves all calls until it fires, because a timer for each call costs more than the call.
 */
#ifndef SHIM_OP_RECHECK_TIMER_H
#define SHIM_OP_RECHECK_TIMER_H

#include "shim/ring/thread.h"

/* Returns true if the timer is armed now; the ring may not allow it. */
bool recheck_timer_arm(struct thread *thread);

/* Arms the timer if it is not armed. Returns true if it will end a wait on the thread's ring. */
static inline bool recheck_timer_ensure(struct thread *thread)
{
	return likely(thread->recheck_armed) || recheck_timer_arm(thread);
}

#endif

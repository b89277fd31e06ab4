/* SPDX-License-Identifier: MIT */
/* Arms the recheck timer of a thread's ring and chooses its length. */
#include "shim/queue/queue.h"
#include "shim/queue/sqe.h"
#include "shim/base/sys.h"
#include "shim/op/recheck-timer.h"

/*
 * If a descriptor becomes non-blocking, or gets a timeout, without an intercepted call, the library
 * notices that after one timer length. In a thread whose calls wait often, the timer is as a rule
 * longer than the kernel's own tick. The kernel then leaves the hardware timer alone, which would
 * cost about 10 us each time in a virtual machine.
 *
 * OFTEN counts the waits since the timer was last armed.
 */
enum { OFTEN = 16 };

static const struct uring_timespec usual = { .tv_nsec = 1000000 };
static const struct uring_timespec busy = { .tv_nsec = 5000000 };

static const struct uring_timespec *choose_length(struct thread *thread)
{
	bool often = thread->waits_since_recheck >= OFTEN;

	thread->waits_since_recheck = 0;
	return often ? &busy : &usual;
}

/*
 * The completion must be deferred until the thread asks for it, or come from a polling thread.
 * Otherwise it would interrupt a native call.
 */
static bool can_arm_recheck(const struct thread *thread)
{
	return thread->ring.flags & (URING_SETUP_DEFER_TASKRUN | URING_SETUP_SQPOLL);
}

COLD bool recheck_timer_arm(struct thread *thread)
{
	struct uring_sqe sqe;
	uint64_t mask;

	if (!can_arm_recheck(thread))
		return false;
	fill_timeout(&sqe, (struct entry_timeout){ .time = choose_length(thread) });
	sqe.user_data = USER_DATA_RECHECK;
	/* A handler must not use the entry that is being filled in. */
	sys_block_signals(&mask);
	thread->recheck_armed = queue_submit_own(thread, &sqe);
	sys_restore_signals(&mask);
	return thread->recheck_armed;
}

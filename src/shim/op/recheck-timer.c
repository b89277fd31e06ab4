#include "shim/queue/queue.h"
#include "shim/queue/sqe.h"
#include "shim/base/sys.h"
#include "shim/op/recheck-timer.h"

/*
 * A descriptor that was made non-blocking, or given a timeout, behind our back
 * is noticed that late. In a thread whose calls often wait the time is longer than
 * the kernel's own tick, as a rule, for then the hardware's timer is left alone: in
 * a virtual machine it costs some 10 us each time.
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
 * Where completions are not put off until the thread asks for them, this one
 * would interrupt a native call.
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
	/* No handler is to use the entry that we fill in. */
	sys_block_signals(&mask);
	thread->recheck_armed = queue_submit_own(thread, &sqe);
	sys_restore_signals(&mask);
	return thread->recheck_armed;
}

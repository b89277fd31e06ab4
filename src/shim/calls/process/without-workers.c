/* SPDX-License-Identifier: MIT */
/*
 * Calls that require the thread to be alone in its process, and calls that change something
 * that io-wq workers keep from their creation: a descriptor table, namespaces, a root
 * directory, a priority. The workers of the calling thread are ended around such a call.
 */
#include <fcntl.h>
#include <sched.h>
#include "shim/ahead/ahead.h"
#include "shim/calls/descriptor/close.h"
#include "shim/calls/process/without-workers.h"
#include "shim/fd/fdtable.h"
#include "shim/late/late.h"
#include "shim/iowq/workers.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/sqpoll.h"
#include "shim/ring/process.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"

/*
 * An SQPOLL thread is disabled as well: it serves the other threads too, with what the thread
 * that created it had.
 */
static void end_kernel_threads(void)
{
	sqpoll_disable();
	ahead_end_helper();
	iowq_end_workers(&thread_self);
}

/*
 * Called before the thread gets a descriptor table of its own. If other threads keep the old
 * table, a descriptor no longer means the same to all threads.
 */
static void prepare_own_descriptors(void)
{
	late_end_before(LATE_CREDENTIALS);
	end_kernel_threads();
	if (!process_is_single_threaded())
		rings_block(REASON_UNSHARED);
}

EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	if (flags & CLOSE_RANGE_UNSHARE)
		prepare_own_descriptors();
	if (!(flags & CLOSE_RANGE_CLOEXEC))
		close_prepare_range(first, last);
	return NEXT(close_range)(first, last, flags);
}

/*
 * Returns ret. The kernel creates no threads, and so no io-wq workers, for a thread that has
 * left its PID namespace.
 */
static int note_pid_namespace(int ret, int flags)
{
	if (!ret && flags & CLONE_NEWPID)
		rings_block(REASON_UNSHARED);
	return ret;
}

EXPORT int unshare(int flags)
{
	if (flags & CLONE_FILES)
		prepare_own_descriptors();
	else
		end_kernel_threads();
	return note_pid_namespace(NEXT(unshare)(flags), flags);
}

EXPORT int setns(int fd, int type)
{
	end_kernel_threads();
	/* Type 0 allows any namespace that fd refers to, so it can be a PID namespace. */
	return note_pid_namespace(NEXT(setns)(fd, type), type ? type : CLONE_NEWPID);
}

/*
 * Unless the call failed, it changed what the workers of the thread would keep. Ends them; the
 * next ones have the new value. Returns ret.
 */
static int end_workers_unless_failed(int ret)
{
	int saved = errno;

	if (ret != -1)
		iowq_end_workers(&thread_self);
	errno = saved;
	return ret;
}

EXPORT int setpriority(__priority_which_t which, id_t who, int priority)
{
	return end_workers_unless_failed(NEXT(setpriority)(which, who, priority));
}

EXPORT int nice(int increment)
{
	int ret = NEXT(nice)(increment);

	end_workers_unless_failed(0);
	return ret;
}

EXPORT int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
{
	return end_workers_unless_failed(NEXT(sched_setscheduler)(pid, policy, param));
}

EXPORT int sched_setparam(pid_t pid, const struct sched_param *param)
{
	return end_workers_unless_failed(NEXT(sched_setparam)(pid, param));
}

EXPORT int pthread_setschedparam(pthread_t thread, int policy, const struct sched_param *param)
{
	int ret = NEXT(pthread_setschedparam)(thread, policy, param);

	if (!ret)
		end_workers_unless_failed(0);
	return ret;
}

EXPORT int pthread_setschedprio(pthread_t thread, int priority)
{
	int ret = NEXT(pthread_setschedprio)(thread, priority);

	if (!ret)
		end_workers_unless_failed(0);
	return ret;
}

EXPORT int personality(unsigned long persona)
{
	return end_workers_unless_failed(NEXT(personality)(persona));
}

bool workers_would_keep(long nr)
{
	static const short numbers[] = {
		SYS_setpriority,   SYS_ioprio_set,    SYS_sched_setscheduler, SYS_sched_setparam,
		SYS_sched_setattr, SYS_set_mempolicy, SYS_personality,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (nr == numbers[i])
			return true;
	return false;
}

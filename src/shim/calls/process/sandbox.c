/* SPDX-License-Identifier: MIT */
/*
 * System call filters: seccomp and syscall user dispatch, installed with prctl(). Once there is
 * one, entering a ring can be fatal.
 */
#include <linux/membarrier.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include "shim/ahead/ahead.h"
#include "shim/calls/process/sandbox.h"
#include "shim/late/late.h"
#include "shim/op/interrupt.h"
#include "shim/iowq/workers.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/process.h"
#include "shim/route/stats.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"

/*
 * Called before the filter is installed, because that can be the last system call that is
 * allowed.
 */
void sandbox_filter_begin(void)
{
	/* A vfork child's filter does not apply to its parent, whose memory this is. */
	if (thread_is_vfork_child())
		return;
	late_end_before(LATE_CREDENTIALS);
	/* At the end of the program it may be forbidden to open the file for the counts. */
	ahead_stop();
	stats_write();
	/* A worker that outlives this thread would give the process its own exit status. */
	iowq_end_workers(&thread_self);
	rings_block_for_filter();
	/*
	 * After the barrier, a thread that begins an operation sees that rings are blocked, and
	 * interrupt_others() sees every operation that began before.
	 */
	if (!process_is_single_threaded())
		sys2(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0);
	interrupt_others();
	sys_forbid();
}

static atomic_bool dispatched;

void sandbox_filter_end(bool installed, bool dispatch)
{
	if (thread_is_vfork_child())
		return;
	if (!installed)
		rings_unblock_after_filter();
	else if (dispatch)
		dispatched = true;
}

bool sandbox_is_dispatched(void)
{
	return dispatched;
}

/*
 * Returns true if syscall user dispatch is turned on. The selector decides when it acts, but
 * from then on the kernel can intercept system calls that are not made by libc.
 */
static bool is_dispatch(int option, unsigned long mode)
{
	return option == PR_SET_SYSCALL_USER_DISPATCH && mode != PR_SYS_DISPATCH_OFF;
}

bool sandbox_is_filter(int option, unsigned long mode)
{
	return option == PR_SET_SECCOMP || is_dispatch(option, mode);
}

EXPORT int prctl(int option, ...)
{
	unsigned long a[4];
	va_list args;
	int ret;

	va_start(args, option);
	for (size_t i = 0; i < 4; i++)
		a[i] = va_arg(args, unsigned long);
	va_end(args);
	if (!sandbox_is_filter(option, a[0]))
		return NEXT(prctl)(option, a[0], a[1], a[2], a[3]);
	sandbox_filter_begin();
	ret = NEXT(prctl)(option, a[0], a[1], a[2], a[3]);
	sandbox_filter_end(!ret, option == PR_SET_SYSCALL_USER_DISPATCH);
	return ret;
}

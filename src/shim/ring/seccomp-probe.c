/* SPDX-License-Identifier: MIT */
/* Makes the system calls of io_uring in a child process, to see if a seccomp filter kills it. */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "shim/base/sys.h"
#include "shim/ring/seccomp-probe.h"
#include "uring/uring.h"

/*
 * Runs in the child, a plain copy of this process. If the filter sends SIGSYS, it must not reach a
 * handler of the program.
 */
static void try_calls(void)
{
	unsigned long default_action[4] = { (unsigned long)SIG_DFL };

	sys4(SYS_rt_sigaction, SIGSYS, (long)default_action, 0, 8);
	/* A filter that kills must leave no core file of this child. */
	sys2(SYS_prctl, PR_SET_DUMPABLE, 0);
	uring_sys_setup(0, NULL);
	uring_sys_enter(-1, 0, 0, 0, NULL, 0);
	uring_sys_register(-1, 0, NULL, 0);
	sys1(SYS_exit_group, 0);
}

bool seccomp_probe_succeeds(void)
{
	uint64_t mask;
	int status = 0;
	long pid;

	if (sys2(SYS_prctl, PR_GET_SECCOMP, 0) <= 0)
		return true;
	sys_block_signals(&mask);
	/* Without an exit signal, so that only we can wait for the child. */
	pid = sys6(SYS_clone, 0, 0, 0, 0, 0, 0);
	if (!pid)
		try_calls();
	if (pid > 0)
		sys4(SYS_wait4, pid, (long)&status, __WALL, 0);
	sys_restore_signals(&mask);
	return pid > 0 && WIFEXITED(status);
}

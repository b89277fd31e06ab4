/* SPDX-License-Identifier: MIT */
/* Starts and ends the helper process. */
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include "shim/ahead/process.h"
#include "shim/ahead/helper/run.h"
#include "shim/base/sys.h"
#include "shim/symbols/next-symbol.h"

enum { STACK_SIZE = 128 * 1024, TLS_SIZE = 16 * 1024 };

/* The memory of one helper: the stack, and what its thread pointer points to. */
struct helper_stack {
	char stack[STACK_SIZE];
	char tls[TLS_SIZE];
} __attribute__((aligned(4096)));

static struct helper_stack *helper_stack EARLY;

struct ahead *helper_memory(void)
{
	struct ahead *ahead = sys_pages(sizeof(*ahead));

	if (ahead && sys3(SYS_madvise, (long)ahead, sizeof(*ahead), MADV_WIPEONFORK))
		return NULL;
	return ahead;
}

/*
 * The thread pointer of the helper. It uses no thread-local variable; the compiler's stack
 * protector and libc's start of a thread read a few words there.
 */
static void *prepare_tls(struct helper_stack *memory)
{
	uintptr_t *tls = (uintptr_t *)(memory->tls + TLS_SIZE / 2);

	tls[0] = (uintptr_t)tls;
	tls[2] = (uintptr_t)tls;
	return tls;
}

static _Atomic pid_t last_helper; /* that nobody waited for; 0: none */

/* A helper that ended stays a zombie until we wait for it; no other wait sees it. */
static void reap_helper(int flags)
{
	pid_t helper = atomic_exchange(&last_helper, 0);
	long ret = -EINTR;

	for (int i = 0; helper > 0 && ret == -EINTR && i < 50; i++)
		ret = sys4(SYS_wait4, helper, 0, __WCLONE | flags, 0);
	/* It has not ended. */
	if (helper > 0 && (!ret || ret == -EINTR))
		last_helper = helper;
}

/*
 * The descriptor table is shared until the helper has left it (CLOSE_RANGE_UNSHARE), so that it
 * never holds a descriptor of the program.
 */
static const int clone_flags = CLONE_VM | CLONE_FILES | CLONE_UNTRACED | CLONE_SETTLS |
	CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

static pid_t clone_helper(struct ahead *ahead)
{
	uint64_t mask;
	pid_t pid;

	reap_helper(WNOHANG);
	ahead->owner = (pid_t)sys0(SYS_getpid);
	ahead->end = false;
	ahead->released = 0;
	ahead->awake = 1;
	ahead->head = ahead->tail = 0;
	sys_block_signals(&mask);
	pid = NEXT(clone)(run_helper, helper_stack->tls, clone_flags, ahead, &ahead->helper,
			  prepare_tls(helper_stack), &ahead->helper);
	sys_restore_signals(&mask);
	last_helper = pid;
	return pid;
}

bool helper_start(struct ahead *ahead)
{
	int saved = errno;
	pid_t pid = -1;

	/* Another thread starts it, or a handler interrupted this one here. */
	if (atomic_flag_test_and_set(&ahead->starting))
		return false;
	if (!helper_stack)
		helper_stack = sys_pages(sizeof(*helper_stack));
	if (helper_stack && !atomic_load(&ahead->helper)) {
		pid = clone_helper(ahead);
		if (pid < 0)
			ahead->state = AHEAD_NO_HELPER;
	}
	errno = saved;
	atomic_flag_clear(&ahead->starting);
	return pid > 0;
}

void helper_wake(struct ahead *ahead)
{
	atomic_store(&ahead->awake, 1);
	sys6(SYS_futex, (long)&ahead->awake, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}

void helper_end(struct ahead *ahead)
{
	const struct timespec wait = { .tv_nsec = 20 * 1000 * 1000 };

	atomic_store(&ahead->end, true);
	if (atomic_load(&ahead->helper))
		helper_wake(ahead);
	for (int i = 0; i < 50 && !atomic_load(&ahead->released) && atomic_load(&ahead->helper);
	     i++)
		sys6(SYS_futex, (long)&ahead->released, FUTEX_WAIT_PRIVATE, 0, (long)&wait, 0, 0);
	/*
	 * A worker of the kernel says that a read is done before it lets go of the file. That is
	 * certain only when the helper has ended. It has nothing else to do.
	 */
	reap_helper(atomic_load(&ahead->released) ? 0 : WNOHANG);
}

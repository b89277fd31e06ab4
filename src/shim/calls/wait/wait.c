/* SPDX-License-Identifier: MIT */
/*
 * wait() and its variants. If a signal kills a process that waits on a ring, the process is
 * gone before its files are: the kernel closes them 4 to 12 ms later, where natively they are
 * closed by then. So the wait for such a child returns a little later, when everything looks as
 * it would natively. Marks tell which children may be concerned (ring/child-marks.h).
 */
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include "shim/base/sys.h"
#include "shim/calls/wait/keyring.h"
#include "shim/calls/wait/blocking.h"
#include "shim/config/settings.h"
#include "shim/ring/child-marks.h"
#include "shim/ring/process.h"
#include "shim/ring/thread.h"
#include "shim/symbols/next-symbol.h"
#include "shim/symbols/prototypes.h"

/* Runs a wait for children, which is restarted after a handler with SA_RESTART. */
static int run_wait(struct route *route, int type, id_t id, siginfo_t *info, int options)
{
	struct operation op = wait_operation();
	int ret;

	op.partly_done = false;
	/* With this flag the result can depend on the thread that asks. */
	if (options & __WNOTHREAD && queue_is_polled(route->thread))
		return DECLINED(ARGUMENT);
	fill_waitid(
		&op,
		(struct entry_waitid){ .type = type, .id = id, .info = info, .options = options });
	wait_bound(route, &op, -1);
	op.timeout_errno = ECHILD;
	ret = op_run(route->thread, &op);
	return ret == -EINVAL ? DECLINED(ARGUMENT) : ret;
}

/* Returns true if a wait that should have blocked found no child: the pidfd is non-blocking. */
static bool would_block(idtype_t type, const siginfo_t *info, int options)
{
	siginfo_t copy;

	return type == P_PIDFD && !(options & WNOHANG) &&
		(!sys_peek(&copy, info, sizeof(copy)) || !copy.si_pid);
}

bool call_waitid(idtype_t type, id_t id, siginfo_t *info, int options, ssize_t *res)
{
	struct route route;
	int ret;

	if (!route_begin(&route, CALL_waitid))
		return false;
	ret = run_wait(&route, (int)type, id, info, options);
	if (ret == 0 && would_block(type, info, options))
		ret = DECLINED(ARGUMENT);
	return route_finish(&route, ret, res);
}

static int status_of(const siginfo_t *info)
{
	switch (info->si_code) {
	case CLD_EXITED:
		return (info->si_status & 255) << 8;
	case CLD_KILLED:
		return info->si_status & 127;
	case CLD_DUMPED:
		return (info->si_status & 127) | WCOREFLAG;
	case CLD_CONTINUED:
		return 0xffff;
	}
	return info->si_status << 8 | 127;
}

/* Converts the pid of waitpid() to the type and *id of waitid(). */
static idtype_t type_of(pid_t pid, id_t *id)
{
	*id = pid > 0 ? (id_t)pid : pid < -1 ? (id_t)-pid : 0;
	return pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
}

static bool ring_wait(enum call call, pid_t pid, int *status, int options, ssize_t *res)
{
	siginfo_t info;
	struct route route;
	idtype_t type;
	id_t id;
	int ret;

	if (!route_begin(&route, call))
		return false;
	if (pid == INT_MIN ||
	    options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | (int)__WCLONE))
		return route_refuse(call, REASON_ARGUMENT);
	memset(&info, 0, sizeof(info));
	type = type_of(pid, &id);
	ret = run_wait(&route, type, id, &info, options | WEXITED);
	if (ret == 0 && info.si_pid) {
		int value = status_of(&info);

		ret = !status || sys_poke(status, &value, sizeof(value)) ? info.si_pid : -EFAULT;
	}
	return route_finish(&route, ret, res);
}

bool call_waitpid(pid_t pid, int *status, int options, ssize_t *res)
{
	return ring_wait(CALL_waitpid, pid, status, options, res);
}

bool call_wait4(pid_t pid, int *status, int options, struct rusage *usage, ssize_t *res)
{
	/* No operation reports the resource usage of the child. */
	if (usage && route_calls[CALL_wait4].reason == REASON_RING)
		return route_refuse(CALL_wait4, REASON_ARGUMENT);
	return ring_wait(CALL_wait4, pid, status, options, res);
}

bool call_wait(int *status, ssize_t *res)
{
	return ring_wait(CALL_wait, -1, status, 0, res);
}

enum { RELEASE_NS = 20 * 1000 * 1000 };

/*
 * Waits until the kernel has closed the files of a killed child. All signals are blocked, so
 * that no handler runs, and none jumps away, between the end of the child and the result of the
 * call.
 */
static void await_release(void)
{
	struct timespec time = { .tv_nsec = RELEASE_NS };
	uint32_t word = 0;
	uint64_t mask;

	if (settings.route == ROUTE_DIRECT || atomic_load(&process.block) != REASON_RING)
		return;
	sys_block_signals(&mask);
	/*
	 * The kernel destroys the ring after a grace period, which lasts as long as other tasks
	 * run.
	 */
	sys2(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0);
	sys4(SYS_futex, (long)&word, FUTEX_WAIT_PRIVATE, 0, (long)&time);
	sys_restore_signals(&mask);
}

static pid_t note_reaped(pid_t pid, const int *status)
{
	/* Only then has the kernel written the status. */
	if (pid <= 0 || !(WIFSIGNALED(*status) || WIFEXITED(*status)) || thread_is_vfork_child())
		return pid;
	if (child_mark_release(pid) && WIFSIGNALED(*status))
		await_release();
	return pid;
}

static pid_t wait_pid(pid_t pid, int *status, int options)
{
	struct keyring_wait wait;
	ssize_t res;
	int own;

	status = status ? status : &own;
	keyring_wait_begin(&wait, options);
	if (!call_waitpid(pid, status, options, &res))
		res = NEXT(waitpid)(pid, status, options);
	keyring_wait_end(&wait);
	return note_reaped((pid_t)res, status);
}

EXPORT pid_t waitpid(pid_t pid, int *status, int options)
{
	return wait_pid(pid, status, options);
}

EXPORT pid_t __waitpid(pid_t pid, int *status, int options)
{
	return wait_pid(pid, status, options);
}

static pid_t wait_usage(pid_t pid, int *status, int options, struct rusage *usage)
{
	struct keyring_wait wait;
	ssize_t res;
	int own;

	status = status ? status : &own;
	keyring_wait_begin(&wait, options);
	if (!call_wait4(pid, status, options, usage, &res))
		res = NEXT(wait4)(pid, status, options, usage);
	keyring_wait_end(&wait);
	return note_reaped((pid_t)res, status);
}

EXPORT pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	return wait_usage(pid, status, options, usage);
}

EXPORT pid_t wait3(int *status, int options, struct rusage *usage)
{
	return wait_usage(-1, status, options, usage);
}

static pid_t wait_any(int *status)
{
	struct keyring_wait wait;
	ssize_t res;
	int own;

	status = status ? status : &own;
	keyring_wait_begin(&wait, 0);
	if (!call_wait(status, &res))
		res = NEXT(wait)(status);
	keyring_wait_end(&wait);
	return note_reaped((pid_t)res, status);
}

EXPORT pid_t wait(int *status)
{
	return wait_any(status);
}

EXPORT pid_t __wait(int *status)
{
	return wait_any(status);
}

/*
 * Delays the result of waitid() if the child was killed. With WNOWAIT the child is only
 * reported, not reaped, and keeps its mark.
 */
static void note_told(const siginfo_t *info, int options)
{
	bool killed = info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED;
	bool holds = false;

	if (killed || info->si_code == CLD_EXITED)
		holds = options & WNOWAIT ? child_marks_hold_files(info->si_pid) :
					    child_mark_release(info->si_pid);
	if (killed && holds)
		await_release();
}

EXPORT int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	struct keyring_wait wait;
	siginfo_t own = { 0 };
	ssize_t res;

	info = info ? info : &own;
	keyring_wait_begin(&wait, options);
	if (!call_waitid(type, id, info, options, &res))
		res = NEXT(waitid)(type, id, info, options);
	keyring_wait_end(&wait);
	if (res == 0 && info->si_pid && !thread_is_vfork_child())
		note_told(info, options);
	return (int)res;
}

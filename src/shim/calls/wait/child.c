/* The wait family: children. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "shim/calls/wait/blocking.h"
#include "shim/symbols/prototypes.h"
#include "shim/base/sys.h"

/* Waits for children are restarted after a handler with SA_RESTART. */
static int run(struct route *route, int type, id_t id, siginfo_t *info, int options)
{
	struct operation op = wait_operation();
	int ret;

	op.partly_done = false;
	/* Whose children they are may depend on the thread that asks. */
	if (options & __WNOTHREAD && queue_is_polled(route->thread))
		return DECLINED(ARGUMENT);
	fill_waitid(&op, (struct entry_waitid){
		.type = type, .id = id, .info = info, .options = options });
	wait_bound(route, &op, -1);
	op.timeout_errno = ECHILD;
	ret = op_run(route->thread, &op);
	return ret == -EINVAL ? DECLINED(ARGUMENT) : ret;
}

/* Where a wait that was to last told of nobody: the descriptor of the process is non-blocking. */
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
	ret = run(&route, (int)type, id, info, options);
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

/* What waitpid's pid means to waitid. */
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
	if (pid == INT_MIN || options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL |
					  (int)__WCLONE))
		return route_refuse(call, REASON_ARGUMENT);
	memset(&info, 0, sizeof(info));
	type = type_of(pid, &id);
	ret = run(&route, type, id, &info, options | WEXITED);
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
	/* No operation tells what the child used. */
	if (usage && route_calls[CALL_wait4].reason == REASON_RING)
		return route_refuse(CALL_wait4, REASON_ARGUMENT);
	return ring_wait(CALL_wait4, pid, status, options, res);
}

bool call_wait(int *status, ssize_t *res)
{
	return ring_wait(CALL_wait, -1, status, 0, res);
}

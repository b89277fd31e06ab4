#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>
#include "shim/contract.h"
#include "shim/sys.h"
#include "shim/workers.h"

/*
 * auto does not even try what a worker would run: workers share the descriptor
 * table, and as long as there are any, some seconds, every call of the process
 * pays for it. Of writes to files it depends on the file system; a write of
 * nothing that must not wait tells, and has no effect.
 */
static COLD bool is_write_for_workers(struct thread *thread, const struct operation *op)
{
	struct operation probe = { .fd = -1 };

	if (!workers_usually(op) || op->batch)
		return false;
	uring_prep_write(&probe.sqe, op->fd, NULL, 0, 0);
	probe.sqe.rw_flags = RWF_NOWAIT;
	drive(thread, &probe, false);
	return probe.res == -EAGAIN || probe.res == -EOPNOTSUPP;
}

/* op ended without effect because of a signal: what the program is told. */
static int interrupted(const struct operation *op)
{
	if (op->verdict == VERDICT_INTERRUPT || (op->verdict == VERDICT_RESTART && op->begun))
		return -EINTR;
	if (op->verdict == VERDICT_RESTART && op->restart_direct)
		return CONTRACT_RESTART;
	return 0;
}

/* The kernel would have to wait, or cannot do without: believe it or not. */
static int would_block(struct operation *op, int res)
{
	if (res == -EAGAIN && fd_ask_nonblocking(op->fd))
		return res;
	return CONTRACT_UNABLE;
}

/*
 * Errors that the ring finds before it looks at the descriptor, or that mean
 * that this is not what it was taken for. Nothing was transferred.
 */
static COLD bool misjudged(const struct operation *op, int res)
{
	if (op->fd < 0)
		return false;
	switch (-res) {
	case EBADF:
	case EFAULT:
	case EINVAL:
	case EMSGSIZE:
	case ENOTSOCK:
	case ESPIPE:
		return fd_same_use(op->info, fd_peek(op->fd)) &&
		       fd_kind(fd_learn(op->fd)) != fd_kind(op->info);
	}
	return false;
}

/* Whether fd is not what it was when op was prepared: a call that is made again asks anew. */
static bool changed(struct operation *op)
{
	fd_info before = op->info;

	if (op->fd < 0)
		return false;
	op->info = fd_get(op->fd);
	return fd_kind(op->info) != fd_kind(before) ||
	       fd_nonblocking(op->info) != fd_nonblocking(before);
}

/* The first run of op did not end with a result for the program: what comes of it. */
COLD int contract_judge(struct thread *thread, struct operation *op)
{
	for (;;) {
		int res = op->res;
		int ret;

		if (res >= 0 || contract_declined(res))
			return res;
		res = drive_from_worker(res);
		if (op->mistaken || misjudged(op, res))
			return CONTRACT_ARGUMENT;
		if (op->nonblocking && (res == -EAGAIN || res == -EOPNOTSUPP))
			return would_block(op, res);
		if (res != -EINTR && !(res == -ECANCELED && op->cancelled))
			return res;
		ret = interrupted(op);
		if (ret)
			return ret;
		/* The ring was forbidden while the call waited, or fd became something else. */
		if (thread->era != process_era() || changed(op))
			return CONTRACT_RESTART;
		op->done = false;
		op->cancelled = false;
		drive(thread, op, true);
	}
}

static int detour(struct thread *thread)
{
	thread->went = WENT_BY_WORKER;
	return CONTRACT_DETOUR;
}

COLD int contract_prepare(struct thread *thread, struct operation *op)
{
	/* Of a call that is several operations, or made anew, the bound is one. */
	if (op->bound && !op->deadline)
		op->deadline = drive_now() + op->bound;
	if (learn_on() && workers_always(op))
		return detour(thread);
	if (!thread_ready(thread))
		return CONTRACT_DIRECT;
	if (!learn_on())
		return 0;
	if (is_write_for_workers(thread, op))
		return detour(thread);
	/* The probe may have cost the ring. */
	return thread->era == process_era() ? 0 : CONTRACT_DIRECT;
}

void contract_raise(int sig)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = SI_USER;
	info.si_pid = (pid_t)sys0(SYS_getpid);
	info.si_uid = (uid_t)sys0(SYS_getuid);
	sys4(SYS_rt_tgsigqueueinfo, info.si_pid, sys0(SYS_gettid), sig, (long)&info);
}

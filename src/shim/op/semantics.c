/* SPDX-License-Identifier: MIT */
/*
 * Gives an operation the meaning of the native call: its result after errors of the ring's own,
 * signals and cancellation, the restart of an interrupted call, and what is checked before a first
 * run. Submission and waiting are in submit.c.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "shim/op/semantics.h"
#include "shim/queue/sqe.h"
#include "shim/iowq/workers.h"
#include "shim/base/sys.h"
#include "shim/iowq/memory.h"
#include "shim/iowq/ops.h"

/*
 * Returns true if an io-wq worker would run op, which auto does not even try. Workers share the
 * descriptor table: while there are any, for some seconds, every call of the process costs more.
 * For reads and writes of files it depends on the file system. A probe with RWF_NOWAIT tells;
 * its offset is one that no file has, so it always fails and nobody sees an event of it.
 */
static COLD bool needs_worker(struct thread *thread, const struct operation *op)
{
	enum { NO_OFFSET = -2 };
	struct operation probe = { .fd = -1 };

	if (!fd_is_file(op->info) || op->batch)
		return false;
	if (op_is_read(op))
		fill_read(&probe,
			  (struct entry_read){ .fd = op->fd, .offset = (uint64_t)NO_OFFSET });
	else
		fill_write(&probe,
			   (struct entry_write){ .fd = op->fd, .offset = (uint64_t)NO_OFFSET });
	probe.sqe.rw_flags = RWF_NOWAIT;
	op_submit_and_wait(thread, &probe, false);
	return probe.res == -EAGAIN || probe.res == -EOPNOTSUPP;
}

/*
 * Returns the program's result for op, which ended without effect because of a signal, or 0 if the
 * call is to be made again.
 */
static int result_if_interrupted(const struct operation *op)
{
	/* No worker had begun it, so the handler counts as having run before the call. */
	if (op->runs_in_worker && op->res == -ECANCELED)
		return 0;
	if (op->status.handler_action == HANDLER_INTERRUPT ||
	    (op->status.handler_action == HANDLER_RESTART && op->partly_done))
		return -EINTR;
	if (op->status.handler_action == HANDLER_RESTART && op->restart_direct)
		return DECLINED(RESTART);
	return 0;
}

/*
 * The operation would have to wait, or cannot be done without waiting. Reports EAGAIN only if the
 * kernel says that fd is non-blocking.
 */
static int result_if_blocked(struct operation *op, int res)
{
	if (res == -EAGAIN && fd_query_nonblocking(op->fd))
		return res;
	return DECLINED(NONBLOCKING);
}

/*
 * Returns true if fd turns out to be of another kind than op assumed. Checked only for errors that
 * the ring finds before it looks at the descriptor, or that suggest another kind. Nothing was
 * transferred.
 */
static COLD bool is_other_kind(const struct operation *op, int res)
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
		return fd_is_same_use(op->info, fd_peek(op->fd)) &&
			fd_kind(fd_classify(op->fd)) != fd_kind(op->info);
	}
	return false;
}

/*
 * Errors that a ring can have for reasons of its own: no worker or no memory for the operation, a
 * full queue, a lock or a timer of the ring. Some calls can fail with them natively too. Only the
 * native call can tell; an operation that ends so has transferred nothing.
 */
static const uint8_t ring_errors[] = {
	ECANCELED, EAGAIN, EBUSY, ENOMEM, EBADR, EOWNERDEAD, ETIME,
};

/* Operations for which such an error is the expected result. */
static const struct {
	uint8_t opcode;
	uint8_t error;
} ring_answers[] = {
	{ URING_OP_TIMEOUT, ETIME }, /* the time has passed */
};

static bool is_ring_error(const struct operation *op, int error)
{
	if (!memchr(ring_errors, error, sizeof(ring_errors)))
		return false;
	for (size_t i = 0; i < sizeof(ring_answers) / sizeof(ring_answers[0]); i++)
		if (op->sqe.opcode == ring_answers[i].opcode && error == ring_answers[i].error)
			return false;
	return true;
}

/* Returns true if the call itself asks not to wait, whatever the flags of fd say. */
static bool asks_not_to_wait(const struct operation *op)
{
	switch (op->sqe.opcode) {
	case URING_OP_SEND:
	case URING_OP_RECV:
	case URING_OP_SENDMSG:
	case URING_OP_RECVMSG:
		return op->sqe.msg_flags & MSG_DONTWAIT;
	}
	return false;
}

/*
 * Returns DECLINED() with the reason if res is an error of the ring's own, else 0. Not every
 * ECANCELED is one: a timer descriptor whose clock was set reports it once, and a wait for any of
 * several operations has cancelled results.
 */
static COLD int result_of_ring_error(const struct operation *op, int res)
{
	if (res >= 0 || !is_ring_error(op, -res) || op->status.cancelled || op->status.expired ||
	    op->batch)
		return 0;
	if (res == -EAGAIN && (op->nonblocking || asks_not_to_wait(op)))
		return 0;
	if (res != -ECANCELED)
		return DECLINED(KERNEL);
	if (fd_kind(op->info) == FD_EVENT)
		return 0;
	iowq_deny_workers();
	return DECLINED(NO_WORKER);
}

/*
 * Looks fd up again for a call that is repeated. Returns true if its kind or O_NONBLOCK is not as
 * it was when op was prepared.
 */
static bool has_changed(struct operation *op)
{
	fd_info before = op->info;

	if (op->fd < 0)
		return false;
	op->info = fd_get(op->fd);
	return fd_kind(op->info) != fd_kind(before) ||
		fd_is_nonblocking(op->info) != fd_is_nonblocking(before);
}

/*
 * Continues op by a raw system call. Used if libc's function cannot take over the call: part of it
 * is done, or the function would cancel the thread first.
 */
static int make_raw_call(struct operation *op)
{
	const struct uring_sqe *sqe = &op->sqe;

	switch (sqe->opcode) {
	case URING_OP_READ:
		return (int)sys3(SYS_read, op->fd, (long)sqe->addr, sqe->len);
	case URING_OP_WRITE:
		/* The system call raises its signal itself. */
		op->status.signalled = true;
		return (int)sys3(SYS_write, op->fd, (long)sqe->addr, sqe->len);
	case URING_OP_CONNECT:
		return (int)sys3(SYS_connect, op->fd, (long)sqe->addr, (long)sqe->off);
	case URING_OP_SENDMSG:
		return (int)sys3(SYS_sendmsg, op->fd, (long)sqe->addr,
				 (sqe->msg_flags & ~(unsigned)MSG_WAITALL) | MSG_NOSIGNAL);
	}
	return DECLINED(RESTART);
}

/*
 * Once the program has a system call filter, the library makes no system calls of its own. Then
 * libc's function has to go on.
 */
static int go_on_directly(struct operation *op)
{
	int ret = make_raw_call(op);

	return ret == -EPERM && sys_forbidden() ? DECLINED(NO_RING) : ret;
}

static int resolve_result(struct thread *thread, struct operation *op)
{
	for (;;) {
		int res = op->res;
		int ret;

		if (res >= 0 || op_was_declined(res))
			return res;
		res = op_iowq_result(res);
		if (op->status.fd_mismatch || is_other_kind(op, res))
			return DECLINED(ARGUMENT);
		if (op->nonblocking && (res == -EAGAIN || res == -EOPNOTSUPP))
			return result_if_blocked(op, res);
		ret = result_of_ring_error(op, res);
		if (ret)
			return ret;
		/* No signal ends the native call; a worker was interrupted. */
		if (res == -EINTR && !op->interruptible)
			return DECLINED(RESTART);
		if (res != -EINTR && !(res == -ECANCELED && op->status.cancelled))
			return res;
		if (op->status.handler_action != HANDLER_NONE && op_has_no_room(op))
			return 0;
		ret = result_if_interrupted(op);
		if (ret)
			return ret;
		/* The ring became invalid while the call waited, or fd has changed. */
		if (thread->epoch != epoch_current())
			return op->partly_done ? go_on_directly(op) : DECLINED(RESTART);
		if (has_changed(op))
			return DECLINED(RESTART);
		op->status.done = false;
		op->status.cancelled = false;
		op_submit_and_wait(thread, op, true);
	}
}

/*
 * A thread whose cancellation came while a handler ran over op is cancelled only when the call
 * ends with EINTR. libc's function would cancel it before that, so the call does not go there.
 */
COLD int op_resolve(struct thread *thread, struct operation *op)
{
	int ret = resolve_result(thread, op);

	if (likely(!op->status.uncancellable))
		return ret;
	if (ret == DECLINED(RESTART))
		ret = go_on_directly(op);
	if (ret == -EINTR)
		op_testcancel(op);
	return ret;
}

static int decline_detour(struct thread *thread)
{
	thread->last_outcome = OUTCOME_BY_WORKER;
	return DECLINED(DETOUR);
}

static int prepare(struct thread *thread, struct operation *op)
{
	/* A call of several operations, or one that is repeated, has a single deadline. */
	if (op->bound && !op->deadline)
		op->deadline = monotonic_now() + op->bound;
	if (auto_is_active() && iowq_always_runs(op))
		return decline_detour(thread);
	if (iowq_usually_runs(op) && iowq_has_denied_workers())
		return DECLINED(NO_WORKER);
	if (iowq_has_little_memory(op))
		return DECLINED(MEMORY);
	if (!thread_ensure_ring(thread))
		return DECLINED(NO_RING);
	if (!auto_is_active())
		return 0;
	if (needs_worker(thread, op))
		return decline_detour(thread);
	thread->since = monotonic_now();
	/* The probe can have lost the ring. */
	return thread->epoch == epoch_current() ? 0 : DECLINED(NO_RING);
}

COLD int op_prepare(struct thread *thread, struct operation *op)
{
	int ret;

	call_clock_begin();
	ret = prepare(thread, op);
	if (!ret && op_prepare_flags() & PROBED)
		probe_submit(op->sqe.opcode, op->sqe.fd, op->sqe.len, op->sqe.off);
	return ret;
}

void raise_as_user(int sig)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = SI_USER;
	info.si_pid = (pid_t)sys0(SYS_getpid);
	info.si_uid = (uid_t)sys0(SYS_getuid);
	sys4(SYS_rt_tgsigqueueinfo, info.si_pid, sys0(SYS_gettid), sig, (long)&info);
}

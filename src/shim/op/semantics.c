#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "shim/op/semantics.h"
#include "shim/queue/sqe.h"
#include "shim/queue/iowq-workers.h"
#include "shim/base/sys.h"
#include "shim/queue/iowq-ops.h"

/*
 * auto does not even try what a worker would run: workers share the descriptor
 * table, and as long as there are any, some seconds, every call of the process
 * pays for it. Of reads and writes of files it depends on the file system. One that
 * must not wait tells; at an offset that no file has it fails in any case, so
 * that nobody sees an event of it.
 */
static COLD bool needs_worker(struct thread *thread, const struct operation *op)
{
	enum { NO_OFFSET = -2 };
	struct operation probe = { .fd = -1 };

	if (!fd_is_file(op->info) || op->batch)
		return false;
	if (op_is_read(op))
		fill_read(&probe, (struct entry_read){ .fd = op->fd, .offset = (uint64_t)NO_OFFSET });
	else
		fill_write(&probe, (struct entry_write){ .fd = op->fd, .offset = (uint64_t)NO_OFFSET });
	probe.sqe.rw_flags = RWF_NOWAIT;
	op_submit_and_wait(thread, &probe, false);
	return probe.res == -EAGAIN || probe.res == -EOPNOTSUPP;
}

/* op ended without effect because of a signal: what the program is told. */
static int result_if_interrupted(const struct operation *op)
{
	/* As if the handler had run before the call. */
	if (op->runs_in_worker && op->res == -ECANCELED)
		return 0;
	if (op->handler_action == HANDLER_INTERRUPT || (op->handler_action == HANDLER_RESTART && op->partly_done))
		return -EINTR;
	if (op->handler_action == HANDLER_RESTART && op->restart_direct)
		return DECLINED(RESTART);
	return 0;
}

/* The kernel would have to wait, or cannot do without: believe it or not. */
static int result_if_blocked(struct operation *op, int res)
{
	if (res == -EAGAIN && fd_query_nonblocking(op->fd))
		return res;
	return DECLINED(NONBLOCKING);
}

/*
 * Errors that the ring finds before it looks at the descriptor, or that mean
 * that this is not what it was taken for. Nothing was transferred.
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
 * Errors that a ring has for reasons of its own: no worker or no memory for the
 * operation, a queue that is full, a lock or a timer of the ring's. Some calls
 * may end with them natively too. That is the native call's to say: an operation
 * that ends so has transferred nothing.
 */
static const uint8_t ring_errors[] = {
	ECANCELED, EAGAIN, EBUSY, ENOMEM, EBADR, EOWNERDEAD, ETIME,
};

/* Operations for which such an error is the answer that the caller waits for. */
static const struct {
	uint8_t opcode;
	uint8_t error;
} ring_answers[] = {
	{ URING_OP_TIMEOUT, ETIME },	/* the time is over */
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

/* The call asked not to wait, whatever fd's flags say. */
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
 * What comes of an error of the ring's own: 0 if it is none. A timer descriptor
 * whose clock was set says ECANCELED, once; a wait for any of several operations
 * has results that were cancelled.
 */
static COLD int result_of_ring_error(const struct operation *op, int res)
{
	if (res >= 0 || !is_ring_error(op, -res) || op->cancelled || op->expired || op->batch)
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

/* Whether fd is not what it was when op was prepared: a call that is made again asks anew. */
static bool has_changed(struct operation *op)
{
	fd_info before = op->info;

	if (op->fd < 0)
		return false;
	op->info = fd_get(op->fd);
	return fd_kind(op->info) != fd_kind(before) ||
	       fd_is_nonblocking(op->info) != fd_is_nonblocking(before);
}

/* A call that is partly done has no other way to go on than this. */
static int go_on_directly(struct operation *op)
{
	const struct uring_sqe *sqe = &op->sqe;

	switch (sqe->opcode) {
	case URING_OP_READ:
		return (int)sys3(SYS_read, op->fd, (long)sqe->addr, sqe->len);
	case URING_OP_WRITE:
		/* The native call raises its signal itself. */
		op->signalled = true;
		return (int)sys3(SYS_write, op->fd, (long)sqe->addr, sqe->len);
	case URING_OP_CONNECT:
		return (int)sys3(SYS_connect, op->fd, (long)sqe->addr, (long)sqe->off);
	case URING_OP_SENDMSG:
		return (int)sys3(SYS_sendmsg, op->fd, (long)sqe->addr,
				 (sqe->msg_flags & ~(unsigned)MSG_WAITALL) | MSG_NOSIGNAL);
	}
	return DECLINED(RESTART);
}

static int resolve_result(struct thread *thread, struct operation *op)
{
	for (;;) {
		int res = op->res;
		int ret;

		if (res >= 0 || op_was_declined(res))
			return res;
		res = op_iowq_result(res);
		if (op->fd_mismatch || is_other_kind(op, res))
			return DECLINED(ARGUMENT);
		if (op->nonblocking && (res == -EAGAIN || res == -EOPNOTSUPP))
			return result_if_blocked(op, res);
		ret = result_of_ring_error(op, res);
		if (ret)
			return ret;
		/* Natively no signal ends it; a worker was disturbed. */
		if (res == -EINTR && !op->interruptible)
			return DECLINED(RESTART);
		if (res != -EINTR && !(res == -ECANCELED && op->cancelled))
			return res;
		if (op->handler_action != HANDLER_NONE && op_has_no_room(op))
			return 0;
		ret = result_if_interrupted(op);
		if (ret)
			return ret;
		/* The ring was forbidden while the call waited, or fd became something else. */
		if (thread->epoch != epoch_current())
			return op->partly_done ? go_on_directly(op) : DECLINED(RESTART);
		if (has_changed(op))
			return DECLINED(RESTART);
		op->done = false;
		op->cancelled = false;
		op_submit_and_wait(thread, op, true);
	}
}

/*
 * The first run of op did not end with a result for the program: what comes of it.
 * A thread whose cancellation came while a handler ran over op is cancelled when the
 * call ends with EINTR; a function of libc's would cancel it first.
 */
COLD int op_resolve(struct thread *thread, struct operation *op)
{
	int ret = resolve_result(thread, op);

	if (likely(!op->uncancellable))
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

COLD int op_prepare(struct thread *thread, struct operation *op)
{
	/* Of a call that is several operations, or made anew, the bound is one. */
	if (op->bound && !op->deadline)
		op->deadline = monotonic_now() + op->bound;
	if (auto_is_active() && iowq_always_runs(op))
		return decline_detour(thread);
	if (iowq_usually_runs(op) && iowq_has_denied_workers())
		return DECLINED(NO_WORKER);
	if (!thread_ensure_ring(thread))
		return DECLINED(NO_RING);
	if (!auto_is_active())
		return 0;
	if (needs_worker(thread, op))
		return decline_detour(thread);
	thread->since = monotonic_now();
	/* The probe may have cost the ring. */
	return thread->epoch == epoch_current() ? 0 : DECLINED(NO_RING);
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

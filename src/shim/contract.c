#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "shim/contract.h"
#include "shim/fdtable.h"
#include "shim/sys.h"
#include "uring/uring.h"

/* Not in every libc that may load this library, though it only works with one. */
#pragma weak __pthread_register_cancel
#pragma weak __pthread_unregister_cancel

/*
 * How long a call sleeps on what the descriptor table says before it asks the
 * kernel whether that still holds. A descriptor that was made non-blocking, or
 * given a timeout, behind our back is noticed that late.
 */
static const struct uring_timespec trust = { .tv_nsec = 1000000 };

/* user_data of what we submit for ourselves; operations count from 1. */
enum { OWN = 0 };

static inline int enter(struct thread *thread, unsigned submit, unsigned wait, unsigned flags,
			const void *arg, size_t size)
{
	return (int)sys6(426, thread->ring.enter_fd, submit, wait,
			 URING_ENTER_GETEVENTS | thread->ring.enter_flags | flags, (long)arg,
			 (long)size);
}

static inline unsigned shown(struct thread *thread)
{
	struct uring_sq *sq = &thread->ring.sq;

	return __atomic_load_n(sq->tail, __ATOMIC_RELAXED) -
	       __atomic_load_n(sq->head, __ATOMIC_RELAXED);
}

/*
 * Atomic, as a handler that submits may come between: what counts is that the
 * queue is one longer than before, wherever it begins by then.
 */
static inline void show(struct thread *thread)
{
	__atomic_fetch_add(thread->ring.sq.tail, 1, __ATOMIC_RELEASE);
}

bool contract_withdraw(struct thread *thread)
{
	if (!shown(thread))
		return false;
	__atomic_fetch_sub(thread->ring.sq.tail, 1, __ATOMIC_RELAXED);
	return true;
}

void contract_show(struct thread *thread, struct operation *op)
{
	*thread->ring.sq.sqes = op->sqe;
	signal_fence();
	show(thread);
}

bool contract_still_due(struct operation *op)
{
	if (likely(!op->at_position || fd_position_private(fd_peek(op->fd))))
		return true;
	op->res = CONTRACT_SHARED;
	op->done = true;
	return false;
}

static void submit_own(struct thread *thread, const struct uring_sqe *sqe)
{
	*thread->ring.sq.sqes = *sqe;
	thread->ring.sq.sqes->user_data = OWN;
	show(thread);
	enter(thread, 1, 0, 0, NULL, 0);
	contract_withdraw(thread);
}

COLD void contract_orphan(struct thread *thread, struct operation *op, bool ended)
{
	struct uring_sq *sq = &thread->ring.sq;

	sys6(SYS_mmap, (long)sq->map, (long)sq->map_size, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (!ended)
		op->res = CONTRACT_DIRECT;
	op->done = true;
}

void contract_wake(struct thread *thread)
{
	struct uring_sqe nop = { .opcode = URING_OP_NOP };

	submit_own(thread, &nop);
}

/*
 * Empties the completion queue; op is done when its completion was in it. A
 * handler that reaps may come between any two steps: the fields are read
 * before the user_data that proves them, and the head moves only from where
 * it was seen.
 */
static inline bool reap(struct thread *thread, struct operation *op)
{
	struct uring_cq *cq = &thread->ring.cq;

	for (;;) {
		uint32_t head = __atomic_load_n(cq->head, __ATOMIC_RELAXED);
		const struct uring_cqe *cqe = &cq->cqes[head & cq->mask];
		int res;

		if (head == __atomic_load_n(cq->tail, __ATOMIC_ACQUIRE))
			return op->done;
		res = __atomic_load_n(&cqe->res, __ATOMIC_RELAXED);
		signal_fence();
		if (__atomic_load_n(&cqe->user_data, __ATOMIC_RELAXED) == op->sqe.user_data) {
			op->res = res;
			signal_fence();
			op->done = true;
		}
		__atomic_compare_exchange_n(cq->head, &head, head + 1, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED);
	}
}

void contract_end(struct thread *thread, struct operation *op)
{
	struct uring_sqe cancel = {
		.opcode = URING_OP_ASYNC_CANCEL,
		.addr = op->sqe.user_data,
	};

	if (reap(thread, op))
		return;
	if (op->sleeps || op->mistaken) {
		op->cancelled = true;
		submit_own(thread, &cancel);
	}
	while (!reap(thread, op))
		enter(thread, 0, 1, 0, NULL, 0);
}

static inline void finish(struct thread *thread)
{
	thread->phase = PHASE_IDLE;
	signal_fence();
	thread->op = NULL;
}

/* The thread is cancelled: end what it had in flight before its frames go. */
static void abandon(void *arg)
{
	struct thread *thread = &thread_self;
	struct operation *op = arg;
	uint64_t mask;

	sys_block_signals(&mask);
	if (thread->op == op && !contract_withdraw(thread) && thread->phase == PHASE_SUBMITTED)
		contract_end(thread, op);
	finish(thread);
	if (thread->position != POSITION_NONE) {
		if (position_held((unsigned)thread->position, thread->id))
			position_unlock((unsigned)thread->position, thread->id);
		thread->position = POSITION_NONE;
	}
	sys_restore_signals(&mask);
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* The socket's timeout in nanoseconds, or 0: none, or not a socket. */
static int64_t timeout_of(const struct operation *op)
{
	struct timeval tv = { 0 };
	socklen_t len = sizeof(tv);

	if (!op->timeout_option ||
	    sys6(SYS_getsockopt, op->fd, SOL_SOCKET, op->timeout_option, (long)&tv, (long)&len, 0))
		return 0;
	return tv.tv_sec * 1000000000ll + tv.tv_usec * 1000;
}

bool contract_has_timeout(const struct operation *op)
{
	return timeout_of(op) != 0;
}

/* How long the wait may last; both absolute, 0: for ever. */
struct limit {
	bool known;
	int64_t until;
};

static void end_undisturbed(struct thread *thread, struct operation *op)
{
	uint64_t mask;

	sys_block_signals(&mask);
	contract_end(thread, op);
	sys_restore_signals(&mask);
}

static void expire(struct thread *thread, struct operation *op)
{
	end_undisturbed(thread, op);
	if (op->cancelled && op->res == -ECANCELED)
		op->res = -op->again;
	op->cancelled = false;
}

/*
 * The first sleep was long: see whether what we believed of fd still holds. If
 * the number was given up meanwhile, it says nothing about the file we wait on.
 */
static COLD void check(struct thread *thread, struct operation *op, struct limit *limit)
{
	int64_t timeout;
	fd_info info;

	limit->known = true;
	if (!fd_same_use(op->info, fd_peek(op->fd)))
		return;
	info = fd_relearn(op->fd);
	if (fd_kind(info) != fd_kind(op->info)) {
		op->mistaken = true;
		end_undisturbed(thread, op);
		return;
	}
	if (!op->sleeps)
		return;
	timeout = timeout_of(op);
	if (timeout)
		limit->until = now() + timeout;
	if (fd_nonblocking(info) && !op->nonblocking)
		expire(thread, op);
}

/*
 * A wait that ended with EINTR although no handler ran: the process was
 * stopped and continued, or a tracer looked. Natively that ends a call that is
 * partly done, and one that has a timeout.
 */
static void stopped(struct thread *thread, struct operation *op, int ret)
{
	bool timed;

	if (ret != -EINTR || reap(thread, op))
		return;
	timed = contract_has_timeout(op);
	if (!op->stoppable && !timed)
		return;
	end_undisturbed(thread, op);
	if (op->verdict == VERDICT_NONE)
		op->verdict = timed ? VERDICT_INTERRUPT : VERDICT_RESTART;
}

static COLD void wait_on(struct thread *thread, struct operation *op, struct limit *limit)
{
	struct uring_timespec left;
	struct uring_getevents_arg arg = { .ts = (uintptr_t)&left };
	int64_t rest;

	if (!limit->known)
		return check(thread, op, limit);
	if (!limit->until) {
		stopped(thread, op, enter(thread, 0, 1, 0, NULL, 0));
		return;
	}
	rest = limit->until - now();
	if (rest <= 0)
		return expire(thread, op);
	left = (struct uring_timespec){ rest / 1000000000, rest % 1000000000 };
	stopped(thread, op, enter(thread, 0, 1, URING_ENTER_EXT_ARG, &arg, sizeof(arg)));
}

/* An entry that the kernel did not take: the ring is of no use, now or for ever. */
static COLD void refuse(struct thread *thread, struct operation *op, int err)
{
	contract_withdraw(thread);
	finish(thread);
	op->res = CONTRACT_DIRECT;
	op->done = true;
	if (err != -EAGAIN && err != -EBUSY && err != -ENOMEM && err != -EINTR)
		thread_lose(thread);
}

/* Submits op and returns when it is done. */
static inline void drive(struct thread *thread, struct operation *op)
{
	struct uring_getevents_arg arg = { .ts = (uintptr_t)&trust };
	struct limit limit = { .known = false };
	int ret;

	op->sqe.user_data = ++thread->ids;
	op->done = false;
	op->cancelled = false;
	thread->phase = PHASE_FILLING;
	signal_fence();
	thread->op = op;
	signal_fence();
	contract_show(thread, op);
	thread->phase = PHASE_SUBMITTED;
	signal_fence();
	if (unlikely(!contract_still_due(op))) {
		contract_withdraw(thread);
		return finish(thread);
	}
	do
		ret = enter(thread, 1, 1, URING_ENTER_EXT_ARG, &arg, sizeof(arg));
	while (unlikely(ret == 0 && shown(thread)));
	while (unlikely(!reap(thread, op))) {
		if (ret < 0 && shown(thread))
			return refuse(thread, op, ret);
		wait_on(thread, op, &limit);
	}
	finish(thread);
}

/* As drive, in a program whose other threads may cancel this one. */
static void drive_cancellable(struct thread *thread, struct operation *op)
{
	int type;

	pthread_cleanup_push(abandon, op);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	drive(thread, op);
	pthread_setcanceltype(type, NULL);
	pthread_cleanup_pop(0);
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
	switch (-res) {
	case EBADF:
	case EFAULT:
	case EINVAL:
	case EMSGSIZE:
	case ENOTSOCK:
	case ESPIPE:
		return fd_same_use(op->info, fd_peek(op->fd)) &&
		       fd_kind(fd_relearn(op->fd)) != fd_kind(op->info);
	}
	return false;
}

int contract_run(struct thread *thread, struct operation *op)
{
	op->mistaken = false;
	op->verdict = VERDICT_NONE;
	op->signalled = false;
	for (;;) {
		int res, ret;

		if (process_single_threaded() || op->passes_cancellation)
			drive(thread, op);
		else
			drive_cancellable(thread, op);
		res = op->res;
		if (likely(res >= 0))
			return res;
		if (op->mistaken || misjudged(op, res))
			return CONTRACT_ARGUMENT;
		if (op->nonblocking && (res == -EAGAIN || res == -EOPNOTSUPP))
			return would_block(op, res);
		if (res != -EINTR && !(res == -ECANCELED && op->cancelled))
			return res;
		ret = interrupted(op);
		if (ret)
			return ret;
		/* The ring was forbidden while the call waited. */
		if (thread->era != process_era())
			return CONTRACT_RESTART;
	}
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

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "shim/contract.h"
#include "shim/entries.h"
#include "shim/learn.h"
#include "shim/sys.h"
#include "shim/tick.h"
#include "uring/uring.h"

/* Not in every libc that may load this library, though it only works with one. */
#pragma weak __pthread_register_cancel
#pragma weak __pthread_unregister_cancel

bool contract_still_due_at_position(struct operation *op)
{
	if (likely(fd_position_private(fd_peek(op->fd))))
		return true;
	op->res = CONTRACT_SHARED;
	op->done = true;
	return false;
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

	entries_submit_own(thread, &nop);
}

/* A chain goes on to its next link when one ends, maybe after it was cancelled. */
static COLD void end_batch(struct thread *thread, struct operation *op)
{
	const struct uring_sqe cancel = {
		.opcode = URING_OP_ASYNC_CANCEL,
		.cancel_flags = URING_ASYNC_CANCEL_ALL | URING_ASYNC_CANCEL_ANY,
	};

	op->cancelled = true;
	while (!entries_reap(thread, op)) {
		entries_submit_own(thread, &cancel);
		entries_await(thread, 0, 0, NULL);
	}
}

void contract_end(struct thread *thread, struct operation *op)
{
	const struct uring_sqe cancel = {
		.opcode = URING_OP_ASYNC_CANCEL,
		.addr = op->sqe.user_data,
	};

	if (entries_reap(thread, op))
		return;
	if (op->batch)
		return end_batch(thread, op);
	if (op->sleeps || op->mistaken) {
		op->cancelled = true;
		entries_submit_own(thread, &cancel);
	}
	while (!entries_reap(thread, op))
		entries_await(thread, 1, 0, NULL);
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
	if (thread->op == op && !entries_withdraw(thread, op) && thread->phase == PHASE_SUBMITTED)
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

/* How long the wait may last, in ns. */
struct limit {
	bool known;		/* the descriptor was asked */
	int64_t timeout;	/* from each progress of op, 0: none */
	int64_t until;		/* 0: for ever */
	unsigned progress;
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
	op->expired = op->cancelled;
	if (op->cancelled && op->res == -ECANCELED)
		op->res = -op->again;
	op->cancelled = false;
}

/*
 * The first wait did not end with op: see whether what we believed of fd still
 * holds. If the number was given up meanwhile, it says nothing about the file
 * we wait on.
 */
static COLD void check(struct thread *thread, struct operation *op, struct limit *limit)
{
	fd_info info;

	limit->known = true;
	limit->until = op->deadline;
	if (op->fd < 0 || !fd_same_use(op->info, fd_peek(op->fd)))
		return;
	info = fd_learn(op->fd);
	if (fd_kind(info) != fd_kind(op->info)) {
		op->mistaken = true;
		end_undisturbed(thread, op);
		return;
	}
	if (!op->sleeps)
		return;
	limit->timeout = timeout_of(op);
	if (limit->timeout)
		limit->until = now() + limit->timeout;
	if (fd_nonblocking(info) && !op->nonblocking)
		expire(thread, op);
}

static unsigned progress_of(const struct operation *op)
{
	unsigned done = 0;

	for (unsigned i = 0; op->batch && i < op->batch->count; i++)
		done += op->batch->res[i] != BATCH_PENDING;
	return done;
}

/* Each operation of a batch has the socket's timeout for itself. */
static void renew(const struct operation *op, struct limit *limit)
{
	unsigned done = progress_of(op);

	if (limit->timeout && done != limit->progress)
		limit->until = now() + limit->timeout;
	limit->progress = done;
}

/*
 * A wait that ended with EINTR although no handler ran: the process was
 * stopped and continued, or a tracer looked. Natively that ends a call that is
 * partly done, and one that has a timeout.
 */
static void stopped(struct thread *thread, struct operation *op, int ret)
{
	bool timed;

	if (ret != -EINTR || entries_reap(thread, op))
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

	if (op->batch && op->batch->any && progress_of(op))
		return end_undisturbed(thread, op);
	if (!limit->known)
		return check(thread, op, limit);
	renew(op, limit);
	if (!limit->until) {
		stopped(thread, op, entries_await(thread, 1, 0, NULL));
		return;
	}
	rest = limit->until - now();
	if (rest <= 0)
		return expire(thread, op);
	left = (struct uring_timespec){ rest / 1000000000, rest % 1000000000 };
	stopped(thread, op, entries_await(thread, 1, URING_ENTER_EXT_ARG, &arg));
}

/* An entry that the kernel did not take: the ring is of no use, now or for ever. */
static COLD void refuse(struct thread *thread, struct operation *op, int err)
{
	entries_withdraw(thread, op);
	finish(thread);
	op->res = CONTRACT_DIRECT;
	op->done = true;
	if (err != -EAGAIN && err != -EBUSY && err != -ENOMEM && err != -EINTR)
		thread_lose(thread);
}

/* How many numbers it needs besides that of the operation. */
static COLD unsigned begin_batch(struct batch *batch)
{
	for (unsigned i = 0; i < batch->count; i++)
		batch->res[i] = BATCH_PENDING;
	return batch->count - 1;
}

/* Everything on a file but a read, as a rule. */
static bool needs_worker_as_a_rule(const struct operation *op)
{
	return fd_is_file(op->info) && op->sqe.opcode != URING_OP_READ &&
	       op->sqe.opcode != URING_OP_READV;
}

/* One of 64 bits for a kind of operation on a kind of file. */
static inline uint64_t wait_bit(const struct operation *op)
{
	return 1ull << (op->sqe.opcode + 16 * fd_kind(op->info)) % 64;
}

/*
 * Whether to wait for op in the submission: the last one of its kind was not done
 * without. That lasts for a tick, which also ends the wait in time.
 */
static inline bool waits(struct thread *thread, const struct operation *op)
{
	return unlikely(thread->waits & wait_bit(op)) && !op->bound && tick_is_set(thread);
}

/* op, which is submitted, did not end at once. */
static void note_wait(struct thread *thread, const struct operation *op)
{
	/* A read that waits for the disk would natively wait too. */
	thread->went = needs_worker_as_a_rule(op) ? WENT_BY_WORKER : WENT_AND_WAITED;
	if (fd_is_file(op->info))
		thread->worked = op->sqe.user_data;
	/* To learn how the next one goes, its submission must tell. */
	if (thread->ticking && !learn_on())
		thread->waits |= wait_bit(op);
}

/* Writes op's entries and shows them to the kernel. If it is not due any more, it is over. */
static inline bool begin(struct thread *thread, struct operation *op, unsigned count, bool polled)
{
	op->sqe.user_data = ++thread->ids;
	if (unlikely(op->batch != NULL))
		thread->ids += begin_batch(op->batch);
	thread->phase = PHASE_FILLING;
	signal_fence();
	thread->op = op;
	signal_fence();
	entries_fill(thread, op);
	/* What is shown to a polling thread is under way. */
	if (polled && !contract_still_due(op)) {
		finish(thread);
		return false;
	}
	entries_show(thread, count);
	thread->phase = PHASE_SUBMITTED;
	signal_fence();
	if (likely(polled || contract_still_due(op)))
		return true;
	entries_withdraw(thread, op);
	finish(thread);
	return false;
}

/* The kernel's polling thread takes the entries; it sleeps when it has long had none. */
static void await_poller(struct thread *thread, struct operation *op, unsigned wait)
{
	enum { SPINS = 1000 };

	entries_wake_poller(thread);
	for (int i = 0; i < SPINS; i++) {
		if (entries_reap(thread, op))
			return;
		entries_pause();
	}
	if (wait)
		entries_await(thread, wait, 0, NULL);
}

/* The first wait for op, if it was submitted without one. */
static void await_first(struct thread *thread, struct operation *op)
{
	if (!op->bound && tick_is_set(thread))
		stopped(thread, op, entries_await(thread, 1, 0, NULL));
}

/*
 * What is left of a call that is not done: to submit its entries, unless the
 * kernel has answered a submission already with ret, and to wait.
 */
static __attribute__((noinline)) void drive_on(struct thread *thread, struct operation *op,
					       unsigned wait, int ret)
{
	struct limit limit = { .known = false };

	while (ret == 0 && entries_shown(thread))
		ret = entries_submit(thread, entries_count(op), wait);
	if (ret > 0 && entries_shown(thread))
		entries_withdraw(thread, op);
	if (ret > 0 && !wait && !entries_reap(thread, op))
		await_first(thread, op);
	note_wait(thread, op);
	while (!entries_reap(thread, op)) {
		if (ret < 0 && entries_shown(thread))
			return refuse(thread, op, ret);
		wait_on(thread, op, &limit);
	}
	finish(thread);
}

/* Likewise, in a program whose other threads may cancel this one. */
static __attribute__((noinline)) void drive_on_cancellable(struct thread *thread,
							   struct operation *op, unsigned wait,
							   int ret)
{
	int type;

	pthread_cleanup_push(abandon, op);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	drive_on(thread, op, wait, ret);
	pthread_setcanceltype(type, NULL);
	pthread_cleanup_pop(0);
}

/* Whether another thread may end this one in the middle of op. */
static inline bool cancellable(const struct operation *op)
{
	return unlikely(!process_single_threaded()) && !op->passes_cancellation;
}

static inline void drive_rest(struct thread *thread, struct operation *op, unsigned wait, int ret)
{
	if (cancellable(op))
		drive_on_cancellable(thread, op, wait, ret);
	else
		drive_on(thread, op, wait, ret);
}

static COLD void drive_polled(struct thread *thread, struct operation *op)
{
	unsigned count = entries_count(op);
	unsigned wait = !op->bound && tick_is_set(thread);

	thread->base = entries_tail(thread);
	if (!begin(thread, op, count, true))
		return;
	await_poller(thread, op, wait);
	drive_rest(thread, op, 1, (int)count);
}

static COLD void drive_batch(struct thread *thread, struct operation *op)
{
	unsigned wait = !learn_on() && !op->bound && tick_is_set(thread);

	if (begin(thread, op, op->batch->count, false))
		drive_rest(thread, op, wait, 0);
}

/* Submits op and returns when it is done. */
static inline void drive(struct thread *thread, struct operation *op)
{
	bool wait;
	int ret = 0;

	if (unlikely(entries_polled(thread)))
		return drive_polled(thread, op);
	if (unlikely(op->batch != NULL))
		return drive_batch(thread, op);
	wait = waits(thread, op);
	if (!begin(thread, op, 1, false))
		return;
	if (likely(!wait)) {
		ret = entries_submit(thread, 1, 0);
		if (likely(ret > 0 && entries_reap(thread, op))) {
			thread->went = WENT_AT_ONCE;
			return finish(thread);
		}
	}
	drive_rest(thread, op, wait, ret);
}

/* What the kernel always hands to a worker. */
static bool is_for_workers(const struct operation *op)
{
	static const uint8_t opcodes[] = {
		URING_OP_FSYNC, URING_OP_SYNC_FILE_RANGE, URING_OP_SHUTDOWN, URING_OP_FALLOCATE,
		URING_OP_STATX, URING_OP_RENAMEAT, URING_OP_UNLINKAT, URING_OP_MKDIRAT,
		URING_OP_SYMLINKAT, URING_OP_LINKAT, URING_OP_FTRUNCATE, URING_OP_SPLICE,
		URING_OP_TEE, URING_OP_MADVISE, URING_OP_FSETXATTR, URING_OP_SETXATTR,
		URING_OP_FGETXATTR, URING_OP_GETXATTR,
	};

	return memchr(opcodes, op->sqe.opcode, sizeof(opcodes));
}

/*
 * auto does not even try what a worker would run: workers share the descriptor
 * table, and as long as there are any, some seconds, every call of the process
 * pays for it. Of writes to files it depends on the file system; a write of
 * nothing that must not wait tells, and has no effect.
 */
static COLD bool needs_worker(struct thread *thread, const struct operation *op)
{
	struct operation probe = { .fd = -1 };

	if (is_for_workers(op))
		return true;
	if (!needs_worker_as_a_rule(op) || op->batch)
		return false;
	uring_prep_write(&probe.sqe, op->fd, NULL, 0, 0);
	probe.sqe.rw_flags = RWF_NOWAIT;
	drive(thread, &probe);
	return probe.res == -EAGAIN || probe.res == -EOPNOTSUPP;
}

static COLD void settle(struct thread *thread)
{
	struct uring_sync_cancel_reg cancel = { .addr = thread->worked };
	int saved = errno;
	int ret;

	thread->worked = 0;
	if (thread->era != process_era() || thread->op)
		return;
	/* Not found: no worker has it in its hands. Without a descriptor: from 6.3 on. */
	for (int i = 0; i < 1000; i++) {
		ret = uring_register_sync_cancel(&thread->ring, &cancel);
		if (ret != -ETIME && ret != -EALREADY)
			break;
		sys0(SYS_sched_yield);
	}
	entries_await(thread, 0, 0, NULL);
	errno = saved;
}

void contract_settle(void)
{
	if (unlikely(thread_self.worked) && !thread_borrowed())
		settle(&thread_self);
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

/* A worker that was interrupted may answer with an error of the kernel's own. */
static int from_worker(int res)
{
	enum { FIRST_OWN = 512, LAST_OWN = 516 };

	return res <= -FIRST_OWN && res >= -LAST_OWN ? -EINTR : res;
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

/* The first run of op did not end with a result for the program: what comes of it. */
static COLD int judge(struct thread *thread, struct operation *op)
{
	for (;;) {
		int res = op->res;
		int ret;

		if (res >= 0 || contract_declined(res))
			return res;
		res = from_worker(res);
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
		op->done = false;
		op->cancelled = false;
		drive(thread, op);
	}
}

int contract_run(struct thread *thread, struct operation *op)
{
	op->state = 0;
	/* Of a call that is several operations, or made anew, the bound is one. */
	if (unlikely(op->bound && !op->deadline))
		op->deadline = now() + op->bound;
	if (learn_on() && needs_worker(thread, op)) {
		thread->went = WENT_BY_WORKER;
		return CONTRACT_DETOUR;
	}
	/* Whoever holds a position lock has tested before. */
	if (cancellable(op) && !op->at_position)
		pthread_testcancel();
	drive(thread, op);
	return likely(op->res >= 0) ? op->res : judge(thread, op);
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

#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include "shim/op/cancellation.h"
#include "shim/ring/child-marks.h"
#include "shim/op/submit.h"
#include "shim/symbols/next-symbol.h"
#include "shim/base/sys.h"
#include "shim/queue/iowq-ops.h"

/* Not in every libc that may load this library, though it only works with one. */
#pragma weak __pthread_register_cancel
#pragma weak __pthread_unregister_cancel

COLD bool op_has_no_position(struct operation *op)
{
	if (!op->position)
		return true;
	op->res = DECLINED(SHARED_POSITION);
	op->done = true;
	return false;
}

COLD void op_abandon(struct operation *op)
{
	if (op->done)
		return;
	op->res = DECLINED(NO_RING);
	op->done = true;
}

COLD void op_abandon_in_child(struct thread *thread, struct operation *op)
{
	struct uring_sq *sq = &thread->ring.sq;

	/* The interrupted code may hold pointers to it. */
	sys6(SYS_mmap, (long)sq->map, (long)sq->map_size, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	op_abandon(op);
}

void op_wake_wait(struct thread *thread)
{
	struct uring_sqe nop = { .opcode = URING_OP_NOP };

	queue_submit_own(thread, &nop);
}

/* In a frame of its own, which is gone when the end is waited for: a handler's stack may be small. */
static __attribute__((noinline)) void submit_cancel(struct thread *thread, uint64_t user_data,
					     unsigned flags)
{
	const struct uring_sqe sqe = {
		.opcode = URING_OP_ASYNC_CANCEL,
		.addr = user_data,
		.cancel_flags = flags,
	};

	queue_submit_own(thread, &sqe);
}

/* A chain goes on to its next link when one ends, maybe after it was cancelled. */
static COLD void end_batch(struct thread *thread, struct operation *op)
{
	op->cancelled = true;
	while (!cq_reap(thread, op)) {
		submit_cancel(thread, 0, URING_ASYNC_CANCEL_ALL | URING_ASYNC_CANCEL_ANY);
		queue_wait(thread, 0, 0, NULL);
	}
}

static void end_in_flight(struct thread *thread, struct operation *op)
{
	const struct uring_timespec soon = { .tv_nsec = 2000000 };
	const struct uring_getevents_arg arg = { .ts = (uintptr_t)&soon };

	if (cq_reap(thread, op))
		return;
	if (op->batch)
		return end_batch(thread, op);
	op->cancelled = op->interruptible || op->fd_mismatch;
	/* A worker that is only about to wait misses it. */
	while (!cq_reap(thread, op)) {
		if (op->cancelled)
			submit_cancel(thread, op->sqe.user_data, 0);
		/* The cancellation has a completion too, which comes first. */
		if (op->cancelled)
			queue_wait(thread, 2, URING_ENTER_EXT_ARG, &arg);
		else
			queue_wait(thread, 1, 0, NULL);
	}
}

void op_interrupt(struct thread *thread, struct operation *op)
{
	end_in_flight(thread, op);
	iowq_note_file(thread, op);
}

/* The thread is cancelled: end what it had in flight before its frames go. */
static void abandon_at_cancel(void *arg)
{
	struct thread *thread = &thread_self;
	struct operation *op = arg;
	uint64_t mask;

	sys_block_signals(&mask);
	if (thread->op == op && !sq_retract(thread, op) && queue_may_be_taken(thread))
		op_interrupt(thread, op);
	op_leave(thread);
	child_mark_end_wait(&thread->has_child_mark);
	iowq_drop_files_for_threads(thread, op);
	if (thread->position != POSITION_NONE) {
		if (position_lock_is_held((unsigned)thread->position, thread->id))
			position_lock_release((unsigned)thread->position, thread->id);
		thread->position = POSITION_NONE;
	}
	sys_restore_signals(&mask);
}

int64_t monotonic_now(void)
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

bool op_has_timeout(const struct operation *op)
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
	op_interrupt(thread, op);
	sys_restore_signals(&mask);
}

/*
 * Returns true if op waits to receive, or to accept, what will not come. Natively that
 * does not wait; the kernel needs a worker to find out.
 */
static COLD bool waits_in_vain(const struct operation *op)
{
	return op->timeout_option == SO_RCVTIMEO && !op->partly_done && !op->batch &&
	       sys_is_hung_up(op->fd);
}

/* op did not end by itself. */
static bool was_ended(const struct operation *op)
{
	return op->res == -ECANCELED || op_iowq_result(op->res) == -EINTR;
}

void op_note_vain_wait(struct operation *op)
{
	if (was_ended(op) && waits_in_vain(op))
		op->fd_mismatch = true;
}

static void end_expired(struct thread *thread, struct operation *op)
{
	end_undisturbed(thread, op);
	op->expired = op->cancelled;
	op_note_vain_wait(op);
	if (op->cancelled && was_ended(op))
		op->res = -op->timeout_errno;
	op->cancelled = false;
}

/* It is looked at only when the call waits, for to read what may be at a bad address is a system call. */
COLD bool op_has_no_room(const struct operation *op)
{
	struct msghdr msg;
	struct iovec iov = { .iov_len = 0 };

	if (op->sqe.opcode != URING_OP_RECVMSG || fd_kind(op->info) != FD_STREAM ||
	    !sys_peek(&msg, (const void *)(uintptr_t)op->sqe.addr, sizeof(msg)))
		return false;
	for (size_t i = 0; i < msg.msg_iovlen && i < IOV_MAX && !iov.iov_len; i++)
		if (!sys_peek(&iov, &msg.msg_iov[i], sizeof(iov)))
			return false;
	return !iov.iov_len;
}

/*
 * The first wait did not end with op: see whether what we believed of fd still
 * holds. If the number was given up meanwhile, it says nothing about the file
 * we wait on.
 */
static COLD void recheck_belief(struct thread *thread, struct operation *op, struct limit *limit)
{
	fd_info info = fd_peek(op->fd);
	/* What was changed by a call that we saw was otherwise when op began. */
	bool seen = info != op->info || !fd_is_current(info);

	limit->known = true;
	limit->until = op->deadline;
	if (op->fd < 0 || !fd_is_same_use(op->info, info))
		return;
	info = fd_classify(op->fd);
	if (fd_kind(info) != fd_kind(op->info) || op_has_no_room(op)) {
		op->fd_mismatch = true;
		end_undisturbed(thread, op);
		return;
	}
	if (!op->interruptible)
		return;
	if (waits_in_vain(op)) {
		end_undisturbed(thread, op);
		op_note_vain_wait(op);
		return;
	}
	limit->timeout = timeout_of(op);
	if (limit->timeout)
		limit->until = monotonic_now() + limit->timeout;
	if (fd_is_nonblocking(info) && !op->nonblocking && !seen)
		end_expired(thread, op);
}

static unsigned progress_of(const struct operation *op)
{
	unsigned done = 0;

	for (unsigned i = 0; op->batch && i < op->batch->count; i++)
		done += op->batch->res[i] != BATCH_PENDING;
	return done;
}

/* Of a batch that waits for any of its operations one is done. */
static bool any_came(const struct operation *op)
{
	return op->batch && op->batch->any && progress_of(op);
}

/* Each operation of a batch has the socket's timeout for itself. */
static void renew_limit(const struct operation *op, struct limit *limit)
{
	unsigned done = progress_of(op);

	if (limit->timeout && done != limit->progress)
		limit->until = monotonic_now() + limit->timeout;
	limit->progress = done;
}

/*
 * A wait that ended with EINTR although no handler ran: the process was
 * stopped and continued, or a tracer looked. Natively that ends a call that is
 * partly done, and one that has a timeout.
 */
static void end_if_stopped(struct thread *thread, struct operation *op, int ret)
{
	bool timed;

	if (ret != -EINTR || cq_reap(thread, op))
		return;
	timed = op_has_timeout(op);
	if (!op->ends_when_stopped && !timed)
		return;
	end_undisturbed(thread, op);
	if (op->handler_action == HANDLER_NONE)
		op->handler_action = timed ? HANDLER_INTERRUPT : HANDLER_RESTART;
}

/*
 * Natively only what waits for a disk is accounted as a wait for I/O; the kernel takes
 * all that waits on a ring for that unless it is told.
 */
static unsigned wait_flags(const struct thread *thread, const struct operation *op)
{
	return op->interruptible ? thread->queues.sleep_flags : 0;
}

static COLD void wait_on(struct thread *thread, struct operation *op, struct limit *limit)
{
	struct uring_timespec left;
	struct uring_getevents_arg arg = { .ts = (uintptr_t)&left };
	int64_t rest;

	if (any_came(op))
		return end_undisturbed(thread, op);
	if (!limit->known)
		return recheck_belief(thread, op, limit);
	renew_limit(op, limit);
	if (!limit->until) {
		end_if_stopped(thread, op, queue_wait(thread, 1, wait_flags(thread, op), NULL));
		return;
	}
	rest = limit->until - monotonic_now();
	if (rest <= 0)
		return end_expired(thread, op);
	left = (struct uring_timespec){ rest / 1000000000, rest % 1000000000 };
	end_if_stopped(thread, op, queue_wait(thread, 1,
					  URING_ENTER_EXT_ARG | wait_flags(thread, op), &arg));
}

/* An entry that the kernel did not take: the ring is of no use, now or for ever. */
static COLD void handle_submit_error(struct thread *thread, struct operation *op, int err)
{
	/* Over first, lest a handler waits for its end. */
	op->res = DECLINED(NO_RING);
	op->done = true;
	signal_fence();
	sq_retract(thread, op);
	op_leave(thread);
	/* In a forked child it is the parent's that was not there. */
	if (thread->epoch == epoch_current() && err != -EAGAIN && err != -EBUSY && err != -ENOMEM &&
	    err != -EINTR)
		thread_disable_ring(thread);
}

/* The numbers of its entries are those behind the operation's. */
static void begin_batch(struct thread *thread, struct batch *batch)
{
	for (unsigned i = 0; i < batch->count; i++)
		batch->res[i] = BATCH_PENDING;
	thread->last_user_data += batch->count;
}

/* op, which is submitted, did not end at once. */
static void note_wait(struct thread *thread, const struct operation *op)
{
	thread->waits_since_recheck++;
	thread->may_have_workers = true;
	/* A read that waits for the disk would natively wait too. */
	thread->last_outcome = iowq_usually_runs(op) ? OUTCOME_BY_WORKER : OUTCOME_WAITED;
	iowq_note_file(thread, op);
	/* To learn how the next one goes, its submission must tell. */
	if (thread->recheck_armed && !auto_is_active())
		thread->had_to_wait |= op_wait_bit(op);
}

/* The kernel's polling thread takes the entries; it sleeps when it has long had none. */
static void await_poller(struct thread *thread, struct operation *op, unsigned wait)
{
	enum { SPINS = 1000 };

	queue_wake_poller(thread);
	for (int i = 0; i < SPINS; i++) {
		if (cq_reap(thread, op))
			return;
		cpu_relax();
	}
	if (wait && thread->recheck_armed && !any_came(op))
		queue_wait(thread, wait, wait_flags(thread, op), NULL);
}

/*
 * Whether the wait in op's submission ended neither with op nor with the tick. The
 * kernel may notice that a tick is due before its completion is there to be seen.
 */
static bool was_disturbed(struct thread *thread, struct operation *op)
{
	if (!thread->recheck_armed || op->batch || queue_is_polled(thread))
		return false;
	queue_wait(thread, 0, 0, NULL);
	return !cq_reap(thread, op) && thread->recheck_armed;
}

/* The first wait for op, unless that was waited for, in vain, when it was submitted. */
static void await_first(struct thread *thread, struct operation *op, bool waited)
{
	if (any_came(op))
		return;
	if (waited && was_disturbed(thread, op))
		end_if_stopped(thread, op, -EINTR);
	else if (!waited && !op->bound && recheck_timer_ensure(thread))
		end_if_stopped(thread, op, queue_wait(thread, 1, wait_flags(thread, op), NULL));
}

/*
 * What is left of a call that is not done: to submit its entries, unless the
 * kernel has answered a submission already with ret, and to wait.
 */
static void await_end(struct thread *thread, struct operation *op, unsigned wait, int ret)
{
	struct limit limit = { .known = false };

	/* So that a wait that ends with no completion has been disturbed. */
	cq_reap(thread, op);
	/* Nor is there to be a wait that no tick ends: it may just have gone off. */
	if (ret == 0 && !thread->recheck_armed)
		wait = 0;
	while (ret == 0 && sq_count_pending(thread))
		ret = queue_submit(thread, op_entry_count(op), wait, wait_flags(thread, op));
	if (ret > 0 && sq_count_pending(thread))
		sq_retract(thread, op);
	if (cq_reap(thread, op) && !wait) {
		thread->last_outcome = OUTCOME_AT_ONCE;
	} else {
		if (ret > 0 && !op->done)
			await_first(thread, op, wait);
		note_wait(thread, op);
	}
	while (!cq_reap(thread, op)) {
		if (ret < 0 && sq_count_pending(thread))
			return handle_submit_error(thread, op, ret);
		wait_on(thread, op, &limit);
	}
	op_leave(thread);
}

/* With a mark for the parent, lest it believes a killed process to have let go of its files. */
static __attribute__((noinline)) void wait_slow(struct thread *thread, struct operation *op,
					       unsigned wait, int ret)
{
	child_mark_begin_wait(&thread->has_child_mark);
	await_end(thread, op, wait, ret);
	child_mark_end_wait(&thread->has_child_mark);
}

/* Likewise, in a program whose other threads may cancel this one. */
static __attribute__((noinline)) void wait_slow_cancellable(struct thread *thread,
							   struct operation *op, unsigned wait,
							   int ret)
{
	int type;

	pthread_cleanup_push(abandon_at_cancel, op);
	type = cancellation_enter_wait(op);
	wait_slow(thread, op, wait, ret);
	cancellation_leave_wait(type);
	pthread_cleanup_pop(0);
}

COLD void op_testcancel(struct operation *op)
{
	pthread_cleanup_push(abandon_at_cancel, op);
	pthread_testcancel();
	pthread_cleanup_pop(0);
}

void op_wait_slow(struct thread *thread, struct operation *op, unsigned wait, int ret)
{
	if (op_is_cancellable(op))
		wait_slow_cancellable(thread, op, wait, ret);
	else
		wait_slow(thread, op, wait, ret);
	iowq_drop_files_for_threads(thread, op);
}

/* As op_begin, with any number of entries. */
static bool begin_special(struct thread *thread, struct operation *op)
{
	bool polled = queue_is_polled(thread);

	if (polled)
		sq_wait_for_room(thread, op_entry_count(op));
	op->sqe.user_data = ++thread->last_user_data;
	if (op->batch)
		begin_batch(thread, op->batch);
	thread->phase = PHASE_FILLING;
	signal_fence();
	thread->op = op;
	signal_fence();
	if (!op_can_begin(thread, op))
		return false;
	sq_fill(thread, op);
	/* What is shown to a polling thread is under way. */
	if (polled && !op_has_position(op)) {
		op_leave(thread);
		return false;
	}
	thread->sq_base = sq_load_tail(thread);
	signal_fence();
	thread->phase = PHASE_PUBLISHING;
	signal_fence();
	sq_publish(thread, op_entry_count(op));
	thread->phase = PHASE_SUBMITTED;
	signal_fence();
	if (polled || op_has_position(op))
		return true;
	sq_retract(thread, op);
	op_leave(thread);
	return false;
}

COLD void op_submit_special(struct thread *thread, struct operation *op)
{
	unsigned wait = !auto_is_active() && !op->bound && recheck_timer_ensure(thread);
	bool polled;

	if (!begin_special(thread, op))
		return;
	polled = queue_is_polled(thread);
	if (polled)
		await_poller(thread, op, wait);
	op_wait_slow(thread, op, polled || wait, polled);
}

void op_submit_with_cleanup(struct thread *thread, struct operation *op)
{
	pthread_cleanup_push(abandon_at_cancel, op);
	op_submit_and_wait(thread, op, true);
	pthread_cleanup_pop(0);
}

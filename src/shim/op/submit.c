/* SPDX-License-Identifier: MIT */
/*
 * The slow path of submit.h: waits for an operation that is not done at once, keeps its time
 * limit, checks its descriptor again during a long wait, and cancels it when it must end early.
 */
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include "shim/op/cancellation.h"
#include "shim/fd/wait-place.h"
#include "shim/ring/child-marks.h"
#include "shim/op/submit.h"
#include "shim/symbols/next-symbol.h"
#include "shim/base/sys.h"
#include "shim/iowq/memory.h"
#include "shim/iowq/ops.h"
#include "shim/iowq/workers.h"

/*
 * Only glibc has these. They are weak so that another libc can still load the library, which then
 * stays inactive (start.c).
 */
#pragma weak __pthread_register_cancel
#pragma weak __pthread_unregister_cancel

COLD bool op_has_no_position(struct operation *op)
{
	if (!op->position)
		return true;
	op->res = DECLINED(SHARED_POSITION);
	op->status.done = true;
	return false;
}

static void hide_wait(struct thread *thread)
{
	if (likely(!thread->wait_place))
		return;
	wait_place_free(thread->wait_place);
	thread->wait_place = NULL;
}

/* Says to those who watch the process what thread waits for. */
static void show_wait(struct thread *thread, const struct operation *op)
{
	if (likely(!atomic_load_explicit(&wait_places, memory_order_relaxed)))
		return;
	/* A handler has left another wait by a jump, or runs over it. */
	hide_wait(thread);
	thread->wait_place = wait_place_take(thread->id, op->sqe.opcode, op->fd);
}

/* The thread is being cancelled: ends its operation in flight before its frames are gone. */
static void abandon_at_cancel(void *arg)
{
	struct thread *thread = &thread_self;
	struct operation *op = arg;
	uint64_t mask;

	sys_block_signals(&mask);
	if (thread->op == op && !sq_retract(thread, op) && queue_may_be_taken(thread))
		op_end_in_flight(thread, op);
	op_leave(thread);
	hide_wait(thread);
	child_mark_end_wait(&thread->has_child_mark);
	iowq_drop_files_for_threads(thread, op);
	if (thread->position != POSITION_NONE) {
		if (position_lock_is_held((unsigned)thread->position, thread->id))
			position_lock_release((unsigned)thread->position, thread->id);
		thread->position = POSITION_NONE;
	}
	sys_restore_signals(&mask);
}

/* Returns the socket's timeout in ns; 0: none, or not a socket. */
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

/* How long a wait can last, in ns. */
struct limit {
	bool known;	   /* the kernel was asked about the descriptor */
	int64_t timeout;   /* of the socket, starts again with each progress of op; 0: none */
	int64_t until;	   /* CLOCK_MONOTONIC; 0: for ever */
	unsigned progress; /* operations of a batch that are done */
};

/* Calls op_end_in_flight(), over which no handler may run. */
static void end_with_signals_blocked(struct thread *thread, struct operation *op)
{
	uint64_t mask;

	sys_block_signals(&mask);
	op_end_in_flight(thread, op);
	sys_restore_signals(&mask);
}

/*
 * Returns true if op waits to receive or accept something that cannot come. The native call does
 * not wait then; on a ring only a worker finds that out.
 */
static COLD bool waits_in_vain(const struct operation *op)
{
	return op->timeout_option == SO_RCVTIMEO && !op->partly_done && !op->batch &&
		sys_is_hung_up(op->fd);
}

/* Returns true if op did not end by itself. */
static bool was_ended_early(const struct operation *op)
{
	return op->res == -ECANCELED || op_iowq_result(op->res) == -EINTR;
}

void op_note_vain_wait(struct operation *op)
{
	if (was_ended_early(op) && waits_in_vain(op))
		op->status.fd_mismatch = true;
}

static void end_expired(struct thread *thread, struct operation *op)
{
	end_with_signals_blocked(thread, op);
	op->status.expired = op->status.cancelled;
	op_note_vain_wait(op);
	if (op->status.cancelled && was_ended_early(op))
		op->res = -op->timeout_errno;
	op->status.cancelled = false;
}

/* Called only when op waits: reading an address that can be bad takes a system call. */
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
 * The first wait did not end with op: checks that what the table said of fd still holds. If the
 * descriptor was closed meanwhile, its number says nothing about the file that op waits on.
 */
static COLD void recheck_descriptor(struct thread *thread, struct operation *op,
				    struct limit *limit)
{
	fd_info info = fd_peek(op->fd);
	/*
	 * True if the library saw fd change after op began, or has forgotten all descriptors
	 * since. A native call that already waits keeps the mode in which it began, so op does too.
	 */
	bool change_was_seen = info != op->info || !fd_is_current(info);

	limit->known = true;
	limit->until = op->deadline;
	if (op->fd < 0 || !fd_is_same_use(op->info, info))
		return;
	info = fd_classify(op->fd);
	if (fd_kind(info) != fd_kind(op->info) || op_has_no_room(op)) {
		op->status.fd_mismatch = true;
		end_with_signals_blocked(thread, op);
		return;
	}
	if (!op->interruptible)
		return;
	if (waits_in_vain(op)) {
		end_with_signals_blocked(thread, op);
		op_note_vain_wait(op);
		return;
	}
	limit->timeout = timeout_of(op);
	if (limit->timeout)
		limit->until = monotonic_now() + limit->timeout;
	if (fd_is_nonblocking(info) && !op->nonblocking && !change_was_seen)
		end_expired(thread, op);
}

static unsigned progress_of(const struct operation *op)
{
	unsigned done = 0;

	for (unsigned i = 0; op->batch && i < op->batch->count; i++)
		done += op->batch->res[i] != BATCH_PENDING;
	return done;
}

/* Returns true if op is a batch that waits for any of its operations and one is done. */
static bool has_any_done(const struct operation *op)
{
	return op->batch && op->batch->any && progress_of(op);
}

/* The socket's timeout applies to each operation of a batch separately. */
static void renew_limit(const struct operation *op, struct limit *limit)
{
	unsigned done = progress_of(op);

	if (limit->timeout && done != limit->progress)
		limit->until = monotonic_now() + limit->timeout;
	limit->progress = done;
}

/*
 * Handles a wait that ended with EINTR although no handler ran: the process was stopped and
 * continued, or a tracer looked at it. That ends a native call that is partly done or has a
 * timeout.
 */
static void end_if_stopped(struct thread *thread, struct operation *op, int ret)
{
	bool timed;

	if (ret != -EINTR || cq_reap(thread, op))
		return;
	timed = op_has_timeout(op);
	if (!op->ends_when_stopped && !timed)
		return;
	end_with_signals_blocked(thread, op);
	if (op->status.handler_action == HANDLER_NONE)
		op->status.handler_action = timed ? HANDLER_INTERRUPT : HANDLER_RESTART;
}

/*
 * Natively only a wait for a disk is accounted as a wait for I/O. The kernel accounts every wait
 * on a ring so, unless a flag says otherwise.
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

	if (has_any_done(op))
		return end_with_signals_blocked(thread, op);
	if (!limit->known)
		return recheck_descriptor(thread, op, limit);
	renew_limit(op, limit);
	if (!limit->until) {
		end_if_stopped(thread, op, queue_wait(thread, 1, wait_flags(thread, op), NULL));
		return;
	}
	rest = limit->until - monotonic_now();
	if (rest <= 0)
		return end_expired(thread, op);
	left = (struct uring_timespec){ rest / 1000000000, rest % 1000000000 };
	end_if_stopped(thread, op,
		       queue_wait(thread, 1, URING_ENTER_EXT_ARG | wait_flags(thread, op), &arg));
}

/* The kernel did not take an entry: the ring cannot be used, for now or for good. */
static COLD void handle_submit_error(struct thread *thread, struct operation *op, int err)
{
	/* op is done first, so that a handler does not wait for its end. */
	op->res = DECLINED(NO_RING);
	op->status.done = true;
	signal_fence();
	sq_retract(thread, op);
	op_leave(thread);
	/* In a forked child the ring that failed is the parent's. */
	if (thread->epoch == epoch_current() && err != -EAGAIN && err != -EBUSY && err != -ENOMEM &&
	    err != -EINTR)
		thread_disable_ring(thread);
}

/* Reserves the user_data of the entries, which follow the operation's own. */
static void begin_batch(struct thread *thread, struct batch *batch)
{
	for (unsigned i = 0; i < batch->count; i++)
		batch->res[i] = BATCH_PENDING;
	thread->last_user_data += batch->count;
}

/* Records that op did not complete in its submission. */
static void note_wait(struct thread *thread, const struct operation *op)
{
	thread->waits_since_recheck++;
	thread->may_have_workers = true;
	/* A read in a worker counts as a wait: a read from the disk waits natively too. */
	thread->last_outcome = iowq_usually_runs(op) ? OUTCOME_BY_WORKER : OUTCOME_WAITED;
	iowq_note_memory(op);
	iowq_note_file(thread, op);
	/* auto learns only from submissions that do not wait. */
	if (thread->recheck_armed && !auto_is_active())
		thread->had_to_wait |= op_wait_bit(op);
}

/* The kernel's polling thread takes the entries; it sleeps when it has had none for long. */
static void await_poller(struct thread *thread, struct operation *op, unsigned wait)
{
	enum { SPINS = 1000 };

	queue_wake_poller(thread);
	for (int i = 0; i < SPINS; i++) {
		if (cq_reap(thread, op))
			return;
		cpu_relax();
	}
	if (wait && thread->recheck_armed && !has_any_done(op))
		queue_wait(thread, wait, wait_flags(thread, op), NULL);
}

/*
 * Returns true if something other than op or the recheck timer ended the wait in op's submission:
 * a stop of the process or a tracer. The timer can wake the thread before its completion is in the
 * queue. So this enters the ring once more to fetch that completion before it judges.
 */
static bool was_disturbed(struct thread *thread, struct operation *op)
{
	if (!thread->recheck_armed || op->batch || queue_is_polled(thread))
		return false;
	queue_wait(thread, 0, 0, NULL);
	return !cq_reap(thread, op) && thread->recheck_armed;
}

/* Waits for op the first time. waited: its submission has waited for it already. */
static void await_first(struct thread *thread, struct operation *op, bool waited)
{
	if (has_any_done(op))
		return;
	if (waited && was_disturbed(thread, op))
		end_if_stopped(thread, op, -EINTR);
	else if (!waited && !op->bound && recheck_timer_ensure(thread))
		end_if_stopped(thread, op, queue_wait(thread, 1, wait_flags(thread, op), NULL));
}

/* Does what op_wait_slow() says, without the marks and the cleanup around it. */
static void await_end(struct thread *thread, struct operation *op, unsigned wait, int ret)
{
	struct limit limit = { .known = false };

	/*
	 * Reap leftovers first, such as the recheck timer's completion. One of them would end the
	 * wait below at once, and that would pass for a disturbed wait.
	 */
	cq_reap(thread, op);
	/* The recheck timer can just have fired; do not wait without one. */
	if (ret == 0 && !thread->recheck_armed)
		wait = 0;
	while (ret == 0 && sq_count_pending(thread))
		ret = queue_submit(thread, op_entry_count(op), wait, wait_flags(thread, op));
	if (ret > 0 && sq_count_pending(thread))
		sq_retract(thread, op);
	if (cq_reap(thread, op) && !wait) {
		thread->last_outcome = OUTCOME_AT_ONCE;
	} else {
		if (ret > 0 && !op->status.done)
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

/*
 * Marks the process as waiting. If a signal kills it meanwhile, the parent then knows that the
 * kernel can still hold its files.
 */
static __attribute__((noinline)) void wait_slow(struct thread *thread, struct operation *op,
						unsigned wait, int ret)
{
	child_mark_begin_wait(&thread->has_child_mark);
	show_wait(thread, op);
	await_end(thread, op, wait, ret);
	hide_wait(thread);
	child_mark_end_wait(&thread->has_child_mark);
}

/* Does the same in a program whose other threads can cancel this one. */
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

/* Does what op_begin() does, for any number of entries and for rings with a polling thread. */
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
	/* A polling thread starts what is published, so the position is checked before. */
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

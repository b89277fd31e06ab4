/* SPDX-License-Identifier: MIT */
/*
 * The parts of queue.h that are long or seldom needed: entries and results of batches, retracting,
 * and entries that the library submits for itself.
 */
#include "shim/queue/queue.h"

/*
 * A handler that submits moves the tail and writes all entries again behind it. An entry that is
 * still written here, counted from the old tail, can overwrite one of those. So all are written
 * again until the tail stays where it is.
 */
COLD void sq_fill_batch(struct thread *thread, struct operation *op)
{
	struct batch *batch = op->batch;
	uint32_t tail;

	do {
		tail = sq_load_tail(thread);
		for (unsigned i = 0; i < batch->count; i++) {
			struct uring_sqe sqe;

			batch->fill(batch, i, &sqe);
			sqe.user_data = op->sqe.user_data + 1 + i;
			*sq_slot(thread, tail + i) = sqe;
		}
		signal_fence();
	} while (sq_load_tail(thread) != tail);
}

/*
 * The kernel was short of memory and took only the first entries of batch. Marks the others, whose
 * number is rest, as cancelled.
 */
static COLD void cancel_untaken(struct batch *batch, unsigned rest)
{
	for (unsigned i = batch->count - rest; i < batch->count; i++)
		batch->res[i] = -ECANCELED;
}

bool sq_retract(struct thread *thread, struct operation *op)
{
	unsigned pending = sq_count_pending(thread);

	if (!pending || queue_is_polled(thread))
		return false;
	__atomic_fetch_sub(thread->queues.sq_tail, pending, __ATOMIC_RELAXED);
	/* After a ring is gone nobody takes entries, and there can be one more. */
	if (likely(pending == op_entry_count(op)) || !op->batch)
		return true;
	cancel_untaken(op->batch, pending);
	return false;
}

void sq_wait_for_room(struct thread *thread, unsigned count)
{
	while (queue_is_polled(thread) &&
	       sq_count_pending(thread) + count > thread->ring.sq.entries) {
		queue_wake_poller(thread);
		sys0(SYS_sched_yield);
	}
}

bool queue_submit_own(struct thread *thread, const struct uring_sqe *sqe)
{
	sq_wait_for_room(thread, 1);
	*sq_next_slot(thread) = *sqe;
	sq_publish(thread, 1);
	if (queue_is_polled(thread)) {
		queue_wake_poller(thread);
		return true;
	}
	/* In a trace, GETEVENTS without a wait tells this from the submission of an operation. */
	if (queue_enter(thread, 1, 0, URING_ENTER_GETEVENTS, NULL, 0) == 1 ||
	    !sq_count_pending(thread))
		return true;
	__atomic_fetch_sub(thread->queues.sq_tail, 1, __ATOMIC_RELAXED);
	return false;
}

/* Returns the first result; for a batch that waits for any operation, 0 if one completed. */
static int batch_result(const struct batch *batch)
{
	for (unsigned i = 0; batch->any && i < batch->count; i++)
		if (batch->res[i] != -ECANCELED)
			return 0;
	return batch->res[0];
}

/*
 * A handler can cause one completion to be recorded twice. To write a result twice does no harm,
 * while a counter would be wrong.
 */
COLD void cq_note_batch(struct operation *op, uint64_t user_data, int res)
{
	struct batch *batch = op->batch;
	uint64_t entry = user_data - op->sqe.user_data - 1;

	if (entry >= batch->count)
		return;
	batch->res[entry] = res;
	signal_fence();
	for (unsigned i = 0; i < batch->count; i++)
		if (batch->res[i] == BATCH_PENDING)
			return;
	op->res = batch_result(batch);
	signal_fence();
	op->status.done = true;
}

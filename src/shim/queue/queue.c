#include "shim/queue/queue.h"

/*
 * A handler that submits moves the tail, and writes all entries anew behind it. What is
 * still written here then, where the tail was, may overwrite one of those: so all are
 * written again until the tail stays where it is.
 */
COLD void entries_fill_batch(struct thread *thread, struct operation *op)
{
	struct batch *batch = op->batch;
	uint32_t tail;

	do {
		tail = entries_tail(thread);
		for (unsigned i = 0; i < batch->count; i++) {
			struct uring_sqe sqe;

			batch->fill(batch, i, &sqe);
			sqe.user_data = op->sqe.user_data + 1 + i;
			*entries_slot_at(thread, tail + i) = sqe;
		}
		signal_fence();
	} while (entries_tail(thread) != tail);
}

/* The kernel was short of memory and took only the first ones. */
static COLD void leave_rest(struct batch *batch, unsigned rest)
{
	for (unsigned i = batch->count - rest; i < batch->count; i++)
		batch->res[i] = -ECANCELED;
}

bool entries_withdraw(struct thread *thread, struct operation *op)
{
	unsigned shown = entries_shown(thread);

	if (!shown || entries_polled(thread))
		return false;
	__atomic_fetch_sub(thread->queues.sq_tail, shown, __ATOMIC_RELAXED);
	/* There may be one more where a ring has gone, and nobody takes any. */
	if (likely(shown == entries_count(op)) || !op->batch)
		return true;
	leave_rest(op->batch, shown);
	return false;
}

void entries_await_room(struct thread *thread, unsigned count)
{
	while (entries_polled(thread) && entries_shown(thread) + count > thread->ring.sq.entries) {
		entries_wake_poller(thread);
		sys0(SYS_sched_yield);
	}
}

bool entries_submit_own(struct thread *thread, const struct uring_sqe *sqe)
{
	entries_await_room(thread, 1);
	*entries_slot(thread) = *sqe;
	entries_show(thread, 1);
	if (entries_polled(thread)) {
		entries_wake_poller(thread);
		return true;
	}
	/* A look at completions without a wait tells it from operations in a trace. */
	if (entries_enter(thread, 1, 0, URING_ENTER_GETEVENTS, NULL, 0) == 1 ||
	    !entries_shown(thread))
		return true;
	__atomic_fetch_sub(thread->queues.sq_tail, 1, __ATOMIC_RELAXED);
	return false;
}

/* The first result decides; of those that wait for any, one that came. */
static int result_of(const struct batch *batch)
{
	for (unsigned i = 0; batch->any && i < batch->count; i++)
		if (batch->res[i] != -ECANCELED)
			return 0;
	return batch->res[0];
}

/* Writing the same result twice does no harm, as counting would. */
COLD void entries_note_batch(struct operation *op, uint64_t user_data, int res)
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
	op->res = result_of(batch);
	signal_fence();
	op->done = true;
}

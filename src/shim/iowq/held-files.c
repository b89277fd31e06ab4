/* SPDX-License-Identifier: MIT */
/*
 * Waits until io-wq workers, or the polling thread, have dropped the files of operations that are
 * done (iowq/held-files.h).
 */
#include "shim/queue/queue.h"
#include "shim/iowq/held-files.h"

static bool can_enter_ring(const struct thread *thread)
{
	return thread->epoch == epoch_current() && !thread->op;
}

/*
 * Waits until no worker has one of the selected requests. On a ring without a descriptor this works
 * since Linux 6.3.
 */
static void wait_for_workers(struct thread *thread, struct uring_sync_cancel_reg selected)
{
	enum { TRIES = 1000 };

	for (int i = 0; i < TRIES && can_enter_ring(thread); i++) {
		int ret = uring_register_sync_cancel(&thread->ring, &selected);

		if (ret != -ETIME && ret != -EALREADY && ret != -EINTR)
			break;
		sys0(SYS_sched_yield);
	}
}

/*
 * A polling thread drops a file after it has posted the completion and before it takes the next
 * entry. So submits a no-op and waits until it is taken. The thread holds no file while it sleeps.
 */
static void wait_for_poller(struct thread *thread)
{
	const struct uring_sqe nop = { .opcode = URING_OP_NOP };
	enum { SPINS = 1000, TRIES = 100000 };

	thread->iowq_user_data = 0;
	if (queue_poller_is_asleep(thread))
		return;
	queue_submit_own(thread, &nop);
	for (int i = 0; i < TRIES && sq_count_pending(thread) && can_enter_ring(thread); i++) {
		queue_wake_poller(thread);
		if (i < SPINS)
			cpu_relax();
		else
			sys0(SYS_sched_yield);
	}
}

static void drop_files(struct thread *thread, int fd)
{
	enum { LOOKS = 2 };

	if (queue_is_polled(thread))
		return wait_for_poller(thread);
	if (fd >= 0)
		wait_for_workers(thread,
				 (struct uring_sync_cancel_reg){ .fd = fd,
								 .flags = URING_ASYNC_CANCEL_FD });
	wait_for_workers(thread, (struct uring_sync_cancel_reg){ .addr = thread->iowq_user_data });
	thread->iowq_user_data = 0;
	/* A worker drops the file reference slightly after it stops reporting the request. */
	for (int i = 0; i < LOOKS && can_enter_ring(thread); i++)
		queue_wait(thread, 0, 0, NULL);
}

COLD void iowq_drop_files_now(struct thread *thread, int fd)
{
	int saved = errno;
	uint64_t mask;

	if (thread_is_vfork_child() || !can_enter_ring(thread))
		return;
	sys_block_signals(&mask);
	/* Set before the epoch is read, as a thread that installs a filter waits for its end. */
	thread->dropping_files = true;
	atomic_thread_fence(memory_order_seq_cst);
	drop_files(thread, fd);
	thread->dropping_files = false;
	sys_restore_signals(&mask);
	errno = saved;
}

void iowq_drop_all_files(struct thread *thread)
{
	iowq_drop_files(thread, -1);
}

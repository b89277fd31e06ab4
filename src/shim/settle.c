#include "shim/entries.h"
#include "shim/settle.h"

static bool may_enter(const struct thread *thread)
{
	return thread->era == process_era() && !thread->op;
}

static void let_go(struct thread *thread, int fd)
{
	enum { TRIES = 1000, LOOKS = 2 };
	struct uring_sync_cancel_reg ask = { .addr = thread->worked };
	int ret = -EALREADY;

	if (fd >= 0)
		ask = (struct uring_sync_cancel_reg){ .fd = fd, .flags = URING_ASYNC_CANCEL_FD };
	/* Not found: no worker has it in its hands. Without a descriptor: from 6.3 on. */
	for (int i = 0; i < TRIES && may_enter(thread); i++) {
		ret = uring_register_sync_cancel(&thread->ring, &ask);
		if (ret != -ETIME && ret != -EALREADY && ret != -EINTR)
			break;
		sys0(SYS_sched_yield);
	}
	/* It lets go a moment after it has it in its hands no more. */
	for (int i = 0; i < LOOKS && may_enter(thread); i++)
		entries_await(thread, 0, 0, NULL);
}

static void let_go_undisturbed(struct thread *thread, int fd)
{
	int saved = errno;
	uint64_t mask;

	sys_block_signals(&mask);
	let_go(thread, fd);
	/* Others may still be held if it was not the last one's. */
	if (fd < 0 || fd == thread->worked_fd)
		thread->worked = 0;
	sys_restore_signals(&mask);
	errno = saved;
}

COLD void settle_now(struct thread *thread, int fd)
{
	bool before = thread->settling;

	if (thread_borrowed())
		return;
	/* Before the era is looked at: a thread that installs a filter waits for the end of this. */
	thread->settling = true;
	atomic_thread_fence(memory_order_seq_cst);
	if (may_enter(thread))
		let_go_undisturbed(thread, fd);
	thread->settling = before;
}

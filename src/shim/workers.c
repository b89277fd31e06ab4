#include <string.h>
#include "shim/entries.h"
#include "shim/workers.h"

bool workers_always(const struct operation *op)
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

bool workers_usually(const struct operation *op)
{
	return workers_always(op) ||
	       (fd_is_file(op->info) && op->sqe.opcode != URING_OP_READ &&
		op->sqe.opcode != URING_OP_READV);
}

/* A file is never polled, and a full backlog only in vain. */
static bool may_hold(const struct operation *op)
{
	return fd_is_file(op->info) || workers_always(op) ||
	       (op->sqe.opcode == URING_OP_CONNECT && fd_kind(op->info) == FD_UNIX);
}

void workers_note(struct thread *thread, const struct operation *op)
{
	if (op->fd >= 0 && may_hold(op))
		thread->worked = op->sqe.user_data;
}

COLD void workers_settle_now(struct thread *thread)
{
	struct uring_sync_cancel_reg cancel = { .addr = thread->worked };
	int saved = errno;
	int ret;

	if (thread_borrowed() || thread->era != process_era() || thread->op)
		return;
	thread->worked = 0;
	/* Not found: no worker has it in its hands. Without a descriptor: from 6.3 on. */
	for (int i = 0; i < 1000; i++) {
		ret = uring_register_sync_cancel(&thread->ring, &cancel);
		if (ret != -ETIME && ret != -EALREADY)
			break;
		sys0(SYS_sched_yield);
	}
	/* It lets go a moment after it has it in its hands no more. */
	entries_await(thread, 0, 0, NULL);
	entries_await(thread, 0, 0, NULL);
	errno = saved;
}

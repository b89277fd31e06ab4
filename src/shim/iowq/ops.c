/* SPDX-License-Identifier: MIT */
/* Tells which operations io-wq workers run, and whose files they can still hold afterwards. */
#include <string.h>
#include <sys/socket.h>
#include "shim/queue/queue.h"
#include "shim/iowq/ops.h"

/* Opcodes that a worker always runs: those that use an open file, and those that do not. */
static const uint8_t with_file[] = {
	URING_OP_FSYNC,	    URING_OP_SYNC_FILE_RANGE, URING_OP_SHUTDOWN,
	URING_OP_FALLOCATE, URING_OP_FTRUNCATE,	      URING_OP_SPLICE,
	URING_OP_TEE,	    URING_OP_FSETXATTR,	      URING_OP_FGETXATTR,
};
static const uint8_t with_names[] = {
	URING_OP_STATX,	  URING_OP_RENAMEAT,  URING_OP_UNLINKAT,
	URING_OP_MKDIRAT, URING_OP_SYMLINKAT, URING_OP_LINKAT,
	URING_OP_MADVISE, URING_OP_SETXATTR,  URING_OP_GETXATTR,
};

bool iowq_always_runs(const struct operation *op)
{
	return op->sqe.flags & URING_SQE_ASYNC ||
		memchr(with_file, op->sqe.opcode, sizeof(with_file)) ||
		memchr(with_names, op->sqe.opcode, sizeof(with_names));
}

bool iowq_usually_runs(const struct operation *op)
{
	return iowq_always_runs(op) || (fd_is_file(op->info) && !op_is_read(op));
}

bool iowq_takes_memory(const struct operation *op)
{
	switch (op->sqe.opcode) {
	case URING_OP_WRITE:
	case URING_OP_WRITEV:
	case URING_OP_FALLOCATE:
		return fd_is_file(op->info);
	case URING_OP_SPLICE:
		return true;
	}
	return false;
}

/*
 * Returns true if a worker can run op although its descriptor is not a file. The kernel polls for
 * an operation that waits on a socket. But after about a hundred polls without success a worker
 * runs it: when a message arrives bit by bit, or a backlog is full.
 */
static bool iowq_may_run(const struct operation *op)
{
	switch (op->sqe.opcode) {
	case URING_OP_FADVISE: /* a worker runs some kinds of advice */
		return true;
	case URING_OP_SEND:
	case URING_OP_SENDMSG:
	case URING_OP_RECV:
	case URING_OP_RECVMSG:
		return op->sqe.msg_flags & MSG_WAITALL;
	case URING_OP_CONNECT:
		return fd_kind(op->info) != FD_STREAM;
	}
	return false;
}

void iowq_note_file(struct thread *thread, const struct operation *op)
{
	if (!queue_is_polled(thread) && !fd_is_file(op->info) && !iowq_may_run(op) &&
	    !memchr(with_file, op->sqe.opcode, sizeof(with_file)))
		return;
	thread->iowq_user_data = op->sqe.user_data;
}

/* SPDX-License-Identifier: MIT */
/*
 * Tries operations on a ring. A task can have restrictions (IORING_REGISTER_RESTRICTIONS without a
 * ring) and BPF filters (IORING_REGISTER_BPF_FILTER), both from Linux 7.0 on. Every ring that it
 * makes inherits them, and its children do. They cannot be read, but what they refuse fails with
 * EACCES. Filters look at an entry only after the kernel has accepted its fields, so these must be
 * right.
 */
#include "config.h"

#include "cli/doctor/refusals.h"

#include <errno.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A name that cannot exist: the directory is no directory. */
static const char nowhere[] = "/dev/null/ringshim";

/* What the entries point to. */
struct operands {
	struct msghdr message;
	struct open_how how;
	struct uring_timespec time;
	int pipe[2];
	char buffer[256]; /* a struct statx */
};

static void fill_path(struct uring_sqe *sqe, struct operands *to)
{
	sqe->addr = (uintptr_t)nowhere;
}

/* Of rename, link and symlink: another name. Of statx: where to write. */
static void fill_paths(struct uring_sqe *sqe, struct operands *to)
{
	sqe->addr = (uintptr_t)nowhere;
	sqe->addr2 = sqe->opcode == URING_OP_STATX ? (uintptr_t)to->buffer : (uintptr_t)nowhere;
}

static void fill_message(struct uring_sqe *sqe, struct operands *to)
{
	sqe->addr = (uintptr_t)&to->message;
	sqe->len = 1;
}

static void fill_openat2(struct uring_sqe *sqe, struct operands *to)
{
	sqe->addr = (uintptr_t)nowhere;
	sqe->addr2 = (uintptr_t)&to->how;
	sqe->len = sizeof(to->how);
}

static void fill_pipe(struct uring_sqe *sqe, struct operands *to)
{
	sqe->fd = 0;
	sqe->addr = (uintptr_t)to->pipe;
}

static void fill_splice(struct uring_sqe *sqe, struct operands *to)
{
	sqe->splice_fd_in = -1;
}

static void fill_timeout(struct uring_sqe *sqe, struct operands *to)
{
	sqe->addr = (uintptr_t)&to->time;
	sqe->len = 1;
}

/* Of a child that cannot exist. */
static void fill_waitid(struct uring_sqe *sqe, struct operands *to)
{
	sqe->len = P_PID;
	sqe->fd = 0x7fffffff;
	sqe->file_index = WEXITED | WNOHANG;
}

/* addr: the attribute; addr3: the file. */
static void fill_xattr(struct uring_sqe *sqe, struct operands *to)
{
	sqe->addr = (uintptr_t) "user.ringshim";
	sqe->addr2 = (uintptr_t)to->buffer;
	if (sqe->opcode == URING_OP_GETXATTR || sqe->opcode == URING_OP_SETXATTR)
		sqe->addr3 = (uintptr_t)nowhere;
	sqe->len = 1;
}

static void (*const fills[])(struct uring_sqe *sqe, struct operands *to) = {
	[SHAPE_MESSAGE] = fill_message, [SHAPE_OPENAT2] = fill_openat2,
	[SHAPE_PATH] = fill_path,	[SHAPE_PATHS] = fill_paths,
	[SHAPE_PIPE] = fill_pipe,	[SHAPE_SPLICE] = fill_splice,
	[SHAPE_TIMEOUT] = fill_timeout, [SHAPE_WAITID] = fill_waitid,
	[SHAPE_XATTR] = fill_xattr,
};

/* Completions of earlier operations, which took too long, are dropped. */
static int take_result(struct uring *ring, enum uring_op op)
{
	struct uring_cqe *cqe;

	while ((cqe = uring_peek_cqe(ring))) {
		bool own = cqe->user_data == op;
		int res = cqe->res;

		uring_cqe_seen(ring);
		if (own)
			return res;
	}
	return -ETIME;
}

int refusal_try(struct uring *ring, enum uring_op op, enum entry_shape shape)
{
	static const struct uring_timespec limit = { .tv_sec = 1 };
	struct operands operands = { .pipe = { -1, -1 } };
	struct uring_sqe *sqe = uring_take_sqe(ring, 0);
	int ret;

	if (!sqe)
		return -EBUSY;
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = (uint8_t)op;
	sqe->fd = -1;
	sqe->user_data = op;
	if (shape < sizeof(fills) / sizeof(*fills) && fills[shape])
		fills[shape](sqe, &operands);
	ret = uring_submit(ring, 1, &limit);
	if (ret >= 0)
		ret = take_result(ring, op);
	for (int i = 0; i < 2; i++)
		if (operands.pipe[i] >= 0)
			close(operands.pipe[i]);
	return ret;
}

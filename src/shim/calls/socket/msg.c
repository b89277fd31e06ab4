/* SPDX-License-Identifier: MIT */
/* The socket family: send(), recv(), sendto(), recvfrom(), sendmsg() and recvmsg(). */
#include <string.h>
#include <sys/uio.h>
#include "shim/calls/socket/msg.h"
#include "shim/calls/socket/scm-rights.h"
#include "shim/calls/file/transfer.h"
#include "shim/symbols/next-symbol.h"
#include "shim/base/sys.h"

static ALWAYS_INLINE bool ring_send(enum call call, int fd, const void *buf, size_t len, int flags,
				    ssize_t *res)
{
	struct transfer transfer = { .write = true, .len = transfer_len(len), .buf = buf };
	struct route route;
	struct operation op;

	if (!msg_begin(&route, call, fd, flags, MESSAGE_SEND_FLAGS))
		return false;
	if (transfer_is_absurd(buf, len))
		return route_refuse(call, REASON_ARGUMENT);
	transfer_init_send(&op, &route, SO_SNDTIMEO);
	fill_send(&op,
		  (struct entry_send){ .fd = fd,
				       .buf = buf,
				       .len = transfer_len(len),
				       .flags = (int)msg_send_flags(&route, &op, flags) });
	return transfer_finish_write(&route, &op, transfer_send(&route, &op, &transfer), -1, res);
}

/*
 * Sends msg, which can be at a bad address, so its contents are used only from a copy that was
 * made safely.
 */
static int transfer_send_message(struct route *route, struct operation *op,
				 const struct msghdr *msg)
{
	struct transfer transfer = { .write = true };
	struct msghdr copy;

	if (fd_kind(route->info) != FD_UNIX || !sys_peek(&copy, msg, sizeof(copy)) ||
	    copy.msg_iovlen > IOV_MAX)
		return op_run(route->thread, op);
	transfer.iov = copy.msg_iov;
	transfer.iov_count = (int)copy.msg_iovlen;
	return transfer_send(route, op, &transfer);
}

static bool ring_sendmsg(enum call call, int fd, const struct msghdr *msg, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;
	int ret;

	if (!msg_begin(&route, call, fd, flags, MESSAGE_SEND_FLAGS))
		return false;
	transfer_init_send(&op, &route, SO_SNDTIMEO);
	uring_prep_sendmsg(&op.sqe, fd, msg, msg_send_flags(&route, &op, flags));
	ret = transfer_send_message(&route, &op, msg);
	return transfer_finish_write(&route, &op, ret, -1, res);
}

ALWAYS_INLINE bool call_sendto(int fd, const void *buf, size_t len, int flags,
			       const struct sockaddr *addr, socklen_t addr_len, ssize_t *res)
{
	struct iovec iov = { (void *)buf, transfer_len(len) };
	struct msghdr msg = {
		.msg_name = (void *)addr,
		.msg_namelen = addr_len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	if (!addr)
		return ring_send(CALL_sendto, fd, buf, len, flags, res);
	/* sendmsg() truncates a long address and ignores an empty one. */
	if (!addr_len || addr_len > sizeof(struct sockaddr_storage) || transfer_is_absurd(buf, len))
		return route_refuse(CALL_sendto, REASON_ARGUMENT);
	return ring_sendmsg(CALL_sendto, fd, &msg, flags, res);
}

static ALWAYS_INLINE bool ring_recv(enum call call, int fd, void *buf, size_t len, int flags,
				    ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!msg_begin(&route, call, fd, flags, MESSAGE_RECEIVE_FLAGS))
		return false;
	if (!len || transfer_is_absurd(buf, len))
		return route_refuse(call, REASON_ARGUMENT);
	transfer_init_stream(&op, &route, SO_RCVTIMEO);
	fill_recv(&op,
		  (struct entry_recv){ .fd = fd,
				       .buf = buf,
				       .len = transfer_len(len),
				       .flags = (int)msg_receive_flags(&op, flags) });
	return route_run(&route, &op, res);
}

static bool ring_recvmsg(enum call call, int fd, struct msghdr *msg, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!msg_begin(&route, call, fd, flags, MESSAGE_RECEIVE_FLAGS))
		return false;
	transfer_init_stream(&op, &route, SO_RCVTIMEO);
	uring_prep_recvmsg(&op.sqe, fd, msg, msg_receive_flags(&op, flags));
	return route_run(&route, &op, res);
}

/* Returns true if *len is readable. A bad address must end in EFAULT, not in a fault of ours. */
static bool readable_length(const socklen_t *len)
{
	socklen_t copy;

	/* A local variable of the caller is at a slightly higher address on our own stack. */
	if ((uintptr_t)len - (uintptr_t)__builtin_frame_address(0) < 2048)
		return true;
	return sys_peek(&copy, len, sizeof(copy));
}

ALWAYS_INLINE bool call_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
				 socklen_t *addr_len, ssize_t *res)
{
	struct iovec iov = { buf, transfer_len(len) };
	struct msghdr msg = { .msg_name = addr, .msg_iov = &iov, .msg_iovlen = 1 };

	if (!addr)
		return ring_recv(CALL_recvfrom, fd, buf, len, flags, res);
	if (!len || transfer_is_absurd(buf, len) || !readable_length(addr_len) ||
	    (int)*addr_len < 0)
		return route_refuse(CALL_recvfrom, REASON_ARGUMENT);
	msg.msg_namelen = *addr_len;
	if (!ring_recvmsg(CALL_recvfrom, fd, &msg, flags, res))
		return false;
	if (*res >= 0)
		*addr_len = msg.msg_namelen;
	return true;
}

ALWAYS_INLINE bool call_send(int fd, const void *buf, size_t len, int flags, ssize_t *res)
{
	return ring_send(CALL_send, fd, buf, len, flags, res);
}

ALWAYS_INLINE bool call_recv(int fd, void *buf, size_t len, int flags, ssize_t *res)
{
	return ring_recv(CALL_recv, fd, buf, len, flags, res);
}

ssize_t msg_send(int fd, const struct msghdr *msg, int flags, send_message_fn *native)
{
	bool alone = process_is_single_threaded();
	ssize_t res;

	if (!alone)
		scm_rights_before_send(msg);
	if (!ring_sendmsg(CALL_sendmsg, fd, msg, flags, &res))
		res = native(fd, msg, flags);
	if (alone && res >= 0)
		scm_rights_after_send(msg);
	return res;
}

ssize_t msg_receive(int fd, struct msghdr *msg, int flags, receive_message_fn *native)
{
	ssize_t res;

	if (!ring_recvmsg(CALL_recvmsg, fd, msg, flags, &res))
		res = native(fd, msg, flags);
	if (res >= 0)
		scm_rights_after_receive(msg);
	return res;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return msg_send(fd, msg, flags, NEXT(sendmsg));
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	return msg_receive(fd, msg, flags, NEXT(recvmsg));
}

#include "shim/calls/made-exports-msg.h"

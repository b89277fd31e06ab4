/* The socket family's sends and receives. */
#include <string.h>
#include <sys/uio.h>
#include "shim/calls/passed.h"
#include "shim/calls/transfer.h"
#include "shim/next.h"
#include "shim/sys.h"

/* Flags whose meaning is the same on a ring; the rest is for the native call. */
static const int send_flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_EOR | MSG_CONFIRM |
			      MSG_DONTROUTE | MSG_WAITALL;
static const int recv_flags = MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC | MSG_WAITALL |
			      MSG_CMSG_CLOEXEC;

static bool route_message(struct route *route, enum call call, int fd, int flags, int known)
{
	if (!route_fd(route, call, fd))
		return false;
	if (transfer_way(route) != WAY_SOCKET)
		return route_direct(call, REASON_KIND);
	if (flags & ~known)
		return route_direct(call, REASON_ARGUMENT);
	return true;
}

/*
 * To a ring MSG_WAITALL means to go on until all is moved. For a send, that is
 * what the native call on a blocking stream does by itself.
 */
static unsigned sending(const struct route *route, const struct operation *op, int flags)
{
	flags &= ~MSG_WAITALL;
	if (op->nonblocking)
		return (unsigned)(flags | MSG_DONTWAIT);
	if (fd_kind(route->info) == FD_STREAM && !(flags & MSG_DONTWAIT))
		flags |= MSG_WAITALL;
	return (unsigned)flags;
}

/* For a receive, only streams know it natively, and only when they may wait. */
static unsigned receiving(const struct route *route, const struct operation *op, int flags)
{
	if (op->nonblocking)
		flags |= MSG_DONTWAIT;
	if (fd_kind(route->info) != FD_STREAM || flags & MSG_DONTWAIT)
		flags &= ~MSG_WAITALL;
	return (unsigned)flags;
}

/*
 * Whether a ring would go on with a receive where the native call would not:
 * one that only looks would see the same bytes again, and a unix socket's ends
 * at descriptors and credentials.
 */
static bool goes_on_wrongly(int fd, int flags)
{
	int domain = AF_UNSPEC;
	socklen_t len = sizeof(domain);

	if (likely(!(flags & MSG_WAITALL)))
		return false;
	if (flags & MSG_PEEK)
		return true;
	sys6(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, (long)&domain, (long)&len, 0);
	return domain != AF_INET && domain != AF_INET6;
}

static bool ring_send(enum call call, int fd, const void *buf, size_t len, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_message(&route, call, fd, flags, send_flags))
		return false;
	if (transfer_absurd(buf, len))
		return route_direct(call, REASON_ARGUMENT);
	op = transfer_sending(&route, SO_SNDTIMEO);
	uring_prep_send(&op.sqe, fd, buf, transfer_len(len), sending(&route, &op, flags));
	return transfer_finish_write(&route, &op, contract_run(route.thread, &op), -1, res);
}

static bool ring_sendmsg(enum call call, int fd, const struct msghdr *msg, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_message(&route, call, fd, flags, send_flags))
		return false;
	op = transfer_sending(&route, SO_SNDTIMEO);
	uring_prep_sendmsg(&op.sqe, fd, msg, sending(&route, &op, flags));
	return transfer_finish_write(&route, &op, contract_run(route.thread, &op), -1, res);
}

static bool ring_sendto(int fd, const void *buf, size_t len, int flags,
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
	/* sendmsg cuts a long address where sendto refuses it. */
	if (addr_len > sizeof(struct sockaddr_storage) || transfer_absurd(buf, len))
		return route_direct(CALL_sendto, REASON_ARGUMENT);
	return ring_sendmsg(CALL_sendto, fd, &msg, flags, res);
}

static bool ring_recv(enum call call, int fd, void *buf, size_t len, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_message(&route, call, fd, flags, recv_flags))
		return false;
	if (!len || goes_on_wrongly(fd, flags) || transfer_absurd(buf, len))
		return route_direct(call, REASON_ARGUMENT);
	op = transfer_stream(&route, SO_RCVTIMEO);
	uring_prep_recv(&op.sqe, fd, buf, transfer_len(len), receiving(&route, &op, flags));
	return route_run(&route, &op, res);
}

static bool ring_recvmsg(enum call call, int fd, struct msghdr *msg, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_message(&route, call, fd, flags, recv_flags))
		return false;
	if (goes_on_wrongly(fd, flags))
		return route_direct(call, REASON_ARGUMENT);
	op = transfer_stream(&route, SO_RCVTIMEO);
	uring_prep_recvmsg(&op.sqe, fd, msg, receiving(&route, &op, flags));
	return route_run(&route, &op, res);
}

/* Where a bad address must end in EFAULT, not in a fault of ours. */
static bool readable_length(const socklen_t *len)
{
	socklen_t copy;

	/* A variable of the caller, a little up our own stack. */
	if ((uintptr_t)len - (uintptr_t)__builtin_frame_address(0) < 2048)
		return true;
	return sys_peek(&copy, len, sizeof(copy));
}

static bool ring_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
			  socklen_t *addr_len, ssize_t *res)
{
	struct iovec iov = { buf, transfer_len(len) };
	struct msghdr msg = { .msg_name = addr, .msg_iov = &iov, .msg_iovlen = 1 };

	if (!addr)
		return ring_recv(CALL_recvfrom, fd, buf, len, flags, res);
	if (!len || transfer_absurd(buf, len) || !readable_length(addr_len) || (int)*addr_len < 0)
		return route_direct(CALL_recvfrom, REASON_ARGUMENT);
	msg.msg_namelen = *addr_len;
	if (!ring_recvmsg(CALL_recvfrom, fd, &msg, flags, res))
		return false;
	if (*res >= 0)
		*addr_len = msg.msg_namelen;
	return true;
}

EXPORT ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	ssize_t res;

	if (ring_send(CALL_send, fd, buf, len, flags, &res))
		return res;
	return next()->send(fd, buf, len, flags);
}

EXPORT ssize_t __send(int fd, const void *buf, size_t len, int flags)
{
	ssize_t res;

	if (ring_send(CALL_send, fd, buf, len, flags, &res))
		return res;
	return next()->__send(fd, buf, len, flags);
}

EXPORT ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *addr,
		      socklen_t addr_len)
{
	ssize_t res;

	if (ring_sendto(fd, buf, len, flags, addr, addr_len, &res))
		return res;
	return next()->sendto(fd, buf, len, flags, addr, addr_len);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	bool alone = process_single_threaded();
	ssize_t res;

	if (!alone)
		passed_before(msg);
	if (!ring_sendmsg(CALL_sendmsg, fd, msg, flags, &res))
		res = next()->sendmsg(fd, msg, flags);
	if (alone && res >= 0)
		passed_after(msg);
	return res;
}

EXPORT ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	ssize_t res;

	if (ring_recv(CALL_recv, fd, buf, len, flags, &res))
		return res;
	return next()->recv(fd, buf, len, flags);
}

EXPORT ssize_t __recv_chk(int fd, void *buf, size_t len, size_t size, int flags)
{
	ssize_t res;

	if (len <= size && ring_recv(CALL_recv, fd, buf, len, flags, &res))
		return res;
	return next()->__recv_chk(fd, buf, len, size, flags);
}

EXPORT ssize_t recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
			socklen_t *addr_len)
{
	ssize_t res;

	if (ring_recvfrom(fd, buf, len, flags, addr, addr_len, &res))
		return res;
	return next()->recvfrom(fd, buf, len, flags, addr, addr_len);
}

EXPORT ssize_t __recvfrom_chk(int fd, void *buf, size_t len, size_t size, int flags,
			      struct sockaddr *addr, socklen_t *addr_len)
{
	ssize_t res;

	if (len <= size && ring_recvfrom(fd, buf, len, flags, addr, addr_len, &res))
		return res;
	return next()->__recvfrom_chk(fd, buf, len, size, flags, addr, addr_len);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t res;

	if (!ring_recvmsg(CALL_recvmsg, fd, msg, flags, &res))
		res = next()->recvmsg(fd, msg, flags);
	if (res >= 0)
		passed_here(msg);
	return res;
}

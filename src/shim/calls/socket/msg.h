/* SPDX-License-Identifier: MIT */
/*
 * Sends and receives messages, which can carry descriptors. native: the function that makes the
 * call if it does not go by ring.
 */
#ifndef SHIM_CALLS_SOCKET_MSG_H
#define SHIM_CALLS_SOCKET_MSG_H

#include <sys/socket.h>
#include "shim/calls/file/transfer.h"

/*
 * Flags that mean the same on a ring. Calls with any other flag go direct. MSG_WAITALL is none
 * of the flags for a receive: the native call ends at urgent data and, on a Unix domain socket,
 * at descriptors, where a ring would continue.
 */
enum {
	MESSAGE_SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_EOR | MSG_CONFIRM |
		MSG_DONTROUTE | MSG_WAITALL,
	MESSAGE_RECEIVE_FLAGS = MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC | MSG_CMSG_CLOEXEC,
};

/* Returns true if a call with these flags can go by ring. known: the flags with which it can. */
static ALWAYS_INLINE bool msg_begin(struct route *route, enum call call, int fd, int flags,
				    int known)
{
	if (!route_begin_fd(route, call, fd))
		return false;
	if (transfer_way(route) != WAY_SOCKET)
		return route_refuse_always(*route, REASON_KIND);
	if (flags & ~known)
		return route_refuse(call, REASON_ARGUMENT);
	return true;
}

/*
 * Returns the flags with which an operation does what the native send does with these flags. On
 * a ring MSG_WAITALL makes a send continue until everything is sent. The native call does so
 * without the flag on a blocking stream, and ignores the flag.
 */
static inline unsigned msg_send_flags(const struct route *route, const struct operation *op,
				      int flags)
{
	flags &= ~MSG_WAITALL;
	if (op->nonblocking)
		return (unsigned)(flags | MSG_DONTWAIT);
	if (fd_is_stream(route->info) && !(flags & MSG_DONTWAIT))
		flags |= MSG_WAITALL;
	return (unsigned)flags;
}

static inline unsigned msg_receive_flags(const struct operation *op, int flags)
{
	return (unsigned)(op->nonblocking ? flags | MSG_DONTWAIT : flags);
}

typedef ssize_t send_message_fn(int fd, const struct msghdr *msg, int flags);
typedef ssize_t receive_message_fn(int fd, struct msghdr *msg, int flags);

ssize_t msg_send(int fd, const struct msghdr *msg, int flags, send_message_fn *native);
ssize_t msg_receive(int fd, struct msghdr *msg, int flags, receive_message_fn *native);

typedef int send_messages_fn(int fd, struct mmsghdr *msgs, unsigned count, int flags);
typedef int receive_messages_fn(int fd, struct mmsghdr *msgs, unsigned count, int flags,
				struct timespec *timeout);

int mmsg_send(int fd, struct mmsghdr *msgs, unsigned count, int flags, send_messages_fn *native);
int mmsg_receive(int fd, struct mmsghdr *msgs, unsigned count, int flags, struct timespec *timeout,
		 receive_messages_fn *native);

#endif

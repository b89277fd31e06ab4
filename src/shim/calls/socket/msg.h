/* Messages, which may bring descriptors along. native: makes the call past the ring. */
#ifndef SHIM_CALLS_SOCKET_MSG_H
#define SHIM_CALLS_SOCKET_MSG_H

#include <sys/socket.h>
#include "shim/calls/file/transfer.h"

/*
 * Flags whose meaning is the same on a ring; the rest is for the native call. A
 * receive of all (MSG_WAITALL) ends natively at urgent data and, in the unix
 * domain, at descriptors; a ring would go on.
 */
enum {
	MESSAGE_SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_EOR | MSG_CONFIRM |
			     MSG_DONTROUTE | MSG_WAITALL,
	MESSAGE_RECEIVE_FLAGS = MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC | MSG_CMSG_CLOEXEC,
};

/* Whether a message with these flags, of which known ones may, goes by ring. */
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
 * The flags that give an operation the meaning of the native call's flags. To a
 * ring MSG_WAITALL means to go on until all is sent, which the native call on a
 * blocking stream does by itself; natively it means nothing to a send.
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

int mmsg_send(int fd, struct mmsghdr *msgs, unsigned count, int flags,
		  send_messages_fn *native);
int mmsg_receive(int fd, struct mmsghdr *msgs, unsigned count, int flags,
		     struct timespec *timeout, receive_messages_fn *native);

#endif

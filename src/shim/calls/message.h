/* Messages, which may bring descriptors along. native: makes the call past the ring. */
#ifndef SHIM_CALLS_MESSAGE_H
#define SHIM_CALLS_MESSAGE_H

#include <sys/socket.h>
#include "shim/base.h"

typedef ssize_t send_message_fn(int fd, const struct msghdr *msg, int flags);
typedef ssize_t receive_message_fn(int fd, struct msghdr *msg, int flags);

ssize_t message_send(int fd, const struct msghdr *msg, int flags, send_message_fn *native);
ssize_t message_receive(int fd, struct msghdr *msg, int flags, receive_message_fn *native);

#endif

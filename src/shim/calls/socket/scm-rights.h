/*
 * Descriptors in messages: from then on another process has the same open file
 * descriptions, or this one has new descriptors.
 */
#ifndef SHIM_CALLS_SOCKET_SCM_RIGHTS_H
#define SHIM_CALLS_SOCKET_SCM_RIGHTS_H

#include <sys/socket.h>

/*
 * msg is about to be sent, and may be at a bad address; for a process with
 * threads, as one may use the descriptor just when the receiver does.
 */
void passed_before(const struct msghdr *msg);
/* msg was sent. */
void passed_after(const struct msghdr *msg);
/* msg was received. */
void passed_here(const struct msghdr *msg);

#endif

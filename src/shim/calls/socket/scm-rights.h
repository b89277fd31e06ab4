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
void scm_rights_before_send(const struct msghdr *msg);
/* msg was sent. */
void scm_rights_after_send(const struct msghdr *msg);
/* msg was received. */
void scm_rights_after_receive(const struct msghdr *msg);

#endif

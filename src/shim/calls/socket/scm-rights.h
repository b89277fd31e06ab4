/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that are passed in messages. After a send another process has the same open file
 * descriptions; after a receive this process has new descriptors.
 */
#ifndef SHIM_CALLS_SOCKET_SCM_RIGHTS_H
#define SHIM_CALLS_SOCKET_SCM_RIGHTS_H

#include <sys/socket.h>

/*
 * Called before msg is sent, in a process with threads, because another thread can use the
 * descriptor at the same moment as the receiver. msg can be at a bad address.
 */
void scm_rights_before_send(const struct msghdr *msg);
/* Called after msg was sent. */
void scm_rights_after_send(const struct msghdr *msg);
/* Called after msg was received. */
void scm_rights_after_receive(const struct msghdr *msg);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reads the buffers that uring_recvmsg_multishot fills: a struct uring_recvmsg_out, the
 * address, the control messages, the data. msg is always the msghdr given to that
 * operation.
 */
#ifndef RINGSHIM_URING_RECVMSG_H
#define RINGSHIM_URING_RECVMSG_H

#include <stddef.h>
#include <sys/socket.h>

#include "abi.h"
#include "queue.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Returns the header of a buffer of which len bytes were used; NULL: they do not hold a
 * header. 6.0
 */
URING_INLINE struct uring_recvmsg_out *uring_recvmsg_validate(void *buf, int len,
							      const struct msghdr *msg)
{
	size_t header = sizeof(struct uring_recvmsg_out) + msg->msg_namelen;

	/* Compare, do not add: msg_controllen can have any value and the sum could overflow. */
	if (len < 0 || (size_t)len < header || (size_t)len - header < msg->msg_controllen)
		return NULL;
	return (struct uring_recvmsg_out *)buf;
}

/*
 * Returns the sender's address. It has out->namelen bytes; at most msg_namelen of them are
 * stored. 6.0
 */
URING_INLINE void *uring_recvmsg_name(struct uring_recvmsg_out *out)
{
	return out + 1;
}

/* Returns the first control message, or NULL. 6.0 */
URING_INLINE struct cmsghdr *uring_recvmsg_cmsg_firsthdr(struct uring_recvmsg_out *out,
							 const struct msghdr *msg)
{
	if (out->controllen < sizeof(struct cmsghdr))
		return NULL;
	return (struct cmsghdr *)((char *)uring_recvmsg_name(out) + msg->msg_namelen);
}

/* Returns the control message after cmsg, or NULL. 6.0 */
URING_INLINE struct cmsghdr *uring_recvmsg_cmsg_nexthdr(struct uring_recvmsg_out *out,
							const struct msghdr *msg,
							struct cmsghdr *cmsg)
{
	char *end, *next;

	if (cmsg->cmsg_len < sizeof(struct cmsghdr))
		return NULL;
	end = (char *)uring_recvmsg_name(out) + msg->msg_namelen + out->controllen;
	if (cmsg->cmsg_len > (size_t)(end - (char *)cmsg))
		return NULL;
	next = (char *)cmsg + CMSG_ALIGN(cmsg->cmsg_len);
	if (next + sizeof(struct cmsghdr) > end ||
	    next + CMSG_ALIGN(((struct cmsghdr *)next)->cmsg_len) > end)
		return NULL;
	return (struct cmsghdr *)next;
}

/* Returns the start of the data. 6.0 */
URING_INLINE void *uring_recvmsg_payload(struct uring_recvmsg_out *out, const struct msghdr *msg)
{
	return (char *)uring_recvmsg_name(out) + msg->msg_namelen + msg->msg_controllen;
}

/* Returns the number of data bytes in a buffer of which len bytes were used. 6.0 */
URING_INLINE unsigned uring_recvmsg_payload_length(struct uring_recvmsg_out *out, int len,
						   const struct msghdr *msg)
{
	ptrdiff_t header = (char *)uring_recvmsg_payload(out, msg) - (char *)out;

	return len > header ? (unsigned)(len - header) : 0;
}

#ifdef __cplusplus
}
#endif

#endif

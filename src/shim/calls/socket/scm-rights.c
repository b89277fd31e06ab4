/* SPDX-License-Identifier: MIT */
/*
 * Updates the descriptor table for descriptors that are sent and received in messages
 * (SCM_RIGHTS).
 */
#include "shim/calls/socket/scm-rights.h"
#include "shim/calls/file/file-position.h"
#include "shim/fd/fdtable.h"
#include "shim/base/sys.h"

static void for_each_descriptor(const struct msghdr *msg, void (*use)(int fd))
{
	struct cmsghdr *cmsg;

	if (!msg->msg_control || msg->msg_controllen < sizeof(*cmsg))
		return;
	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR((struct msghdr *)msg, cmsg)) {
		const int *fds = (const int *)CMSG_DATA(cmsg);

		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS ||
		    cmsg->cmsg_len < CMSG_LEN(0))
			continue;
		for (size_t i = 0; i < (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++)
			use(fds[i]);
	}
}

static void leave_position(int fd)
{
	file_position_leave(fd);
	fd_share_socket(fd);
	/*
	 * Other descriptors name the same description, but it is not known which ones. So treat
	 * all as after a fork.
	 */
	if (fd_has_dups(fd))
		process_count_as_fork();
}

/* Handles what is left of a list of descriptors, from at to end. */
static void leave_rest_of_list(const char *at, const char *end)
{
	int fds[64];

	while (at < end) {
		size_t size = (size_t)(end - at) < sizeof(fds) ? (size_t)(end - at) : sizeof(fds);

		if (!sys_peek(fds, at, size))
			return;
		for (size_t i = 0; i < size / sizeof(*fds); i++)
			leave_position(fds[i]);
		at += sizeof(fds);
	}
}

/*
 * Handles one control message, which can be at a bad address. size: what is left of the control
 * data. Returns the length of the message, or 0 if it is invalid.
 */
static size_t leave_part(const char *at, size_t size)
{
	/* Read a small piece, because the stack can be small. */
	_Alignas(struct cmsghdr) char bytes[CMSG_SPACE(16 * sizeof(int))];
	struct cmsghdr *cmsg = (struct cmsghdr *)bytes;
	size_t seen = size < sizeof(bytes) ? size : sizeof(bytes);
	struct msghdr msg = { .msg_control = bytes };

	if (!sys_peek(bytes, at, seen) || cmsg->cmsg_len < sizeof(*cmsg) || cmsg->cmsg_len > size)
		return 0;
	size = cmsg->cmsg_len;
	msg.msg_controllen = cmsg->cmsg_len = seen < size ? seen : size;
	for_each_descriptor(&msg, leave_position);
	if (seen < size && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS)
		leave_rest_of_list(at + seen, at + size);
	return CMSG_ALIGN(size);
}

void scm_rights_before_send(const struct msghdr *msg)
{
	struct msghdr copy;
	size_t at = 0;

	if (!sys_peek(&copy, msg, sizeof(copy)))
		return;
	while (at < copy.msg_controllen && copy.msg_controllen - at >= sizeof(struct cmsghdr)) {
		size_t part = leave_part((const char *)copy.msg_control + at,
					 copy.msg_controllen - at);

		if (!part)
			return;
		at += part;
	}
}

void scm_rights_after_send(const struct msghdr *msg)
{
	for_each_descriptor(msg, leave_position);
}

void scm_rights_after_receive(const struct msghdr *msg)
{
	for_each_descriptor(msg, fd_forget);
}

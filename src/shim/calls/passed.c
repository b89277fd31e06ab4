#include "shim/calls/passed.h"
#include "shim/calls/position.h"
#include "shim/fdtable.h"
#include "shim/sys.h"

static void each(const struct msghdr *msg, void (*use)(int fd))
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

static void leave(int fd)
{
	position_leave(fd);
}

void passed_before(const struct msghdr *msg)
{
	struct msghdr copy;
	_Alignas(struct cmsghdr) char control[2048];

	if (!sys_peek(&copy, msg, sizeof(copy)) || !copy.msg_controllen)
		return;
	if (copy.msg_controllen > sizeof(control))
		copy.msg_controllen = sizeof(control);
	if (!sys_peek(control, copy.msg_control, copy.msg_controllen))
		return;
	copy.msg_control = control;
	each(&copy, leave);
}

void passed_after(const struct msghdr *msg)
{
	each(msg, leave);
}

void passed_here(const struct msghdr *msg)
{
	each(msg, fd_forget);
}

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include "shim/calls/transfer.h"
#include "shim/sys.h"

const uint8_t transfer_ways[] = {
	[FD_FILE] = WAY_FILE,
	[FD_PIPE] = WAY_PLAIN,
	[FD_EVENT] = WAY_PLAIN,
	[FD_MEMORY] = WAY_MEMORY,
	[FD_STREAM] = WAY_SOCKET,
	[FD_DATAGRAM] = WAY_SOCKET,
	[FD_TTY] = WAY_DIRECT,
	[FD_OTHER] = WAY_DIRECT,
	[FD_BAD] = WAY_DIRECT,
};

int transfer_at_position(struct route *route, struct operation *op)
{
	int ret;

	if (!position_take(route))
		return CONTRACT_SHARED;
	ret = contract_run(route->thread, op);
	position_give(route, !contract_declined(ret));
	return ret;
}

/* EFBIG without the signal: ours to raise if the limit is the process's own. */
static COLD void owe_file_size_signal(const struct operation *op, off64_t offset)
{
	struct rlimit limit;
	long position = offset;

	if (op->signalled ||
	    sys4(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit) || limit.rlim_cur == RLIM_INFINITY)
		return;
	if (offset < 0)
		position = sys3(SYS_lseek, op->fd, 0, SEEK_CUR);
	if (position >= 0 && (rlim_t)position >= limit.rlim_cur)
		contract_raise(SIGXFSZ);
}

COLD void transfer_owe_signals(const struct route *route, const struct operation *op, int err,
			       off64_t offset)
{
	switch (fd_kind(route->info)) {
	case FD_STREAM:		/* sends never raise it themselves */
		if (err == EPIPE && !(op->sqe.msg_flags & MSG_NOSIGNAL))
			contract_raise(SIGPIPE);
		break;
	case FD_PIPE:		/* writes do, but not from a kernel worker */
		if (err == EPIPE && !op->signalled)
			contract_raise(SIGPIPE);
		break;
	case FD_FILE:
		if (err == EFBIG)
			owe_file_size_signal(op, offset);
		break;
	default:
		break;
	}
}

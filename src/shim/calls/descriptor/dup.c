/* SPDX-License-Identifier: MIT */
/*
 * dup(), dup2(), dup3(), fcntl() and ioctl(): native calls that copy a descriptor or change its
 * flags. The descriptor table learns of both.
 */
#include <fcntl.h>
#include <stdarg.h>
#include "shim/calls/descriptor/close.h"
#include "shim/fd/fdtable.h"
#include "shim/symbols/next-symbol.h"

static int note_dup(int from, int to)
{
	if (to >= 0 && to != from)
		fd_note_dup(from, to);
	return to;
}

EXPORT int dup(int fd)
{
	return note_dup(fd, NEXT(dup)(fd));
}

EXPORT int dup2(int from, int to)
{
	if (from != to)
		close_prepare(to);
	return note_dup(from, NEXT(dup2)(from, to));
}

EXPORT int __dup2(int from, int to)
{
	if (from != to)
		close_prepare(to);
	return note_dup(from, NEXT(__dup2)(from, to));
}

EXPORT int dup3(int from, int to, int flags)
{
	if (from != to)
		close_prepare(to);
	return note_dup(from, NEXT(dup3)(from, to, flags));
}

/* Updates the descriptor table after fcntl() returned ret. Returns ret. */
static int note_fcntl(int fd, int cmd, int ret)
{
	if (ret < 0)
		return ret;
	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		note_dup(fd, ret);
	else if (cmd == F_SETFL)
		fd_note_flags_change(fd);
	else if (cmd == F_NOTIFY)
		fd_watch(FD_WATCH_EVENTS);
	return ret;
}

/*
 * Reads the argument behind last, which the call may not have been given. A macro, because only the
 * variadic function itself can use va_start.
 */
#define ONE_ARGUMENT(last)                    \
	({                                    \
		va_list args_;                \
		void *arg_;                   \
		va_start(args_, last);        \
		arg_ = va_arg(args_, void *); \
		va_end(args_);                \
		arg_;                         \
	})

EXPORT int fcntl(int fd, int cmd, ...)
{
	void *arg = ONE_ARGUMENT(cmd);

	return note_fcntl(fd, cmd, NEXT(fcntl)(fd, cmd, arg));
}

EXPORT int fcntl64(int fd, int cmd, ...)
{
	void *arg = ONE_ARGUMENT(cmd);

	return note_fcntl(fd, cmd, NEXT(fcntl64)(fd, cmd, arg));
}

EXPORT int __fcntl(int fd, int cmd, ...)
{
	void *arg = ONE_ARGUMENT(cmd);

	return note_fcntl(fd, cmd, NEXT(__fcntl)(fd, cmd, arg));
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	void *arg = ONE_ARGUMENT(request);
	int ret = NEXT(ioctl)(fd, request, arg);

	if (!ret && request == FIONBIO)
		fd_note_flags_change(fd);
	return ret;
}

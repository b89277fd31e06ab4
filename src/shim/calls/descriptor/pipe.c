/* SPDX-License-Identifier: MIT */
/* pipe() and pipe2(), by ring or native; both ends are entered in the descriptor table. */
#include <fcntl.h>
#include "shim/calls/path/path.h"
#include "shim/fd/fdtable.h"
#include "shim/symbols/next-symbol.h"
#include "shim/symbols/prototypes.h"

bool call_pipe2(int *fds, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_pipe2))
		return false;
	uring_prep_pipe(&op.sqe, fds, flags);
	return path_run(&route, &op, res);
}

bool call_pipe(int *fds, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_pipe))
		return false;
	uring_prep_pipe(&op.sqe, fds, 0);
	return path_run(&route, &op, res);
}

static int note_pipe(int ret, const int *fds, int flags)
{
	for (int i = 0; !ret && i < 2; i++)
		fd_note_open_as(fds[i], FD_PIPE, flags & O_NONBLOCK);
	return ret;
}

EXPORT int pipe(int fds[2])
{
	ssize_t res;

	if (!call_pipe(fds, &res))
		res = NEXT(pipe)(fds);
	return note_pipe((int)res, fds, 0);
}

EXPORT int __pipe(int fds[2])
{
	ssize_t res;

	if (!call_pipe(fds, &res))
		res = NEXT(__pipe)(fds);
	return note_pipe((int)res, fds, 0);
}

EXPORT int pipe2(int fds[2], int flags)
{
	ssize_t res;

	if (!call_pipe2(fds, flags, &res))
		res = NEXT(pipe2)(fds, flags);
	return note_pipe((int)res, fds, flags);
}

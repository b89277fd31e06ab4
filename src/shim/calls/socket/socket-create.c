/* SPDX-License-Identifier: MIT */
/* socket(), bind() and listen(), which belong to the path family, and the native socketpair(). */
#include <sys/socket.h>
#include "shim/calls/path/path.h"
#include "shim/fd/fdtable.h"
#include "shim/symbols/next-symbol.h"
#include "shim/symbols/prototypes.h"

bool call_socket(int domain, int type, int protocol, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_socket))
		return false;
	fill_socket(&op,
		    (struct entry_socket){ .domain = domain, .type = type, .protocol = protocol });
	return path_run(&route, &op, res);
}

bool call_bind(int fd, const struct sockaddr *addr, socklen_t len, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_bind))
		return false;
	uring_prep_bind(&op.sqe, fd, addr, len);
	return path_run(&route, &op, res);
}

bool call_listen(int fd, int backlog, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_begin(&route, &op, CALL_listen))
		return false;
	uring_prep_listen(&op.sqe, fd, backlog);
	return path_run(&route, &op, res);
}

/* type: the argument of the call, with its SOCK_* flags. */
static void note_new_socket(int fd, fd_mark mark, int domain, int type)
{
	int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

	fd_note_socket(fd, mark, fd_socket_kind(domain, type & ~flags), type & SOCK_NONBLOCK);
}

EXPORT int socket(int domain, int type, int protocol)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_socket(domain, type, protocol, &res))
		res = NEXT(socket)(domain, type, protocol);
	note_new_socket((int)res, mark, domain, type);
	return (int)res;
}

EXPORT int __socket(int domain, int type, int protocol)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_socket(domain, type, protocol, &res))
		res = NEXT(__socket)(domain, type, protocol);
	note_new_socket((int)res, mark, domain, type);
	return (int)res;
}

EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
	fd_mark mark = fd_mark_open();
	int ret = NEXT(socketpair)(domain, type, protocol, fds);

	for (int i = 0; !ret && i < 2; i++)
		note_new_socket(fds[i], mark, domain, type);
	return ret;
}

#include "shim/calls/made-exports-socket-create.h"

/* SPDX-License-Identifier: MIT */
/* The socket family: accept(), connect() and shutdown(). Also exports setsockopt(). */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include "shim/calls/file/transfer.h"
#include "shim/symbols/next-symbol.h"
#include "shim/base/sys.h"

/* URING_ACCEPT_DONTWAIT and this feature both came with Linux 6.10. */
static bool can_accept_without_waiting(const struct thread *thread)
{
	return thread->ring.features & URING_FEAT_RECVSEND_BUNDLE;
}

/*
 * Returns true if the call can block while another process waits for connections too. A
 * connection wakes one of the waiters. While its process is stopped, traced or frozen, an
 * operation stays in the wait queue, but a native call leaves the queue. A call with a time
 * limit from the settings uses the ring all the same, because only a ring can end it.
 */
static bool waits_for_others(const struct route *route)
{
	return !fd_is_nonblocking(route->info) && !fd_has_private_socket(route->info) &&
		!settings.timeouts[route->call];
}

static ALWAYS_INLINE bool ring_accept(enum call call, int fd, struct sockaddr *addr, socklen_t *len,
				      int flags, ssize_t *res)
{
	struct route route;
	struct operation op;
	bool nonblocking;
	int ret;

	if (!route_begin_fd(&route, call, fd))
		return false;
	if (!fd_is_socket(route.info))
		return route_refuse_always(route, REASON_KIND);
	if (waits_for_others(&route))
		return route_refuse(call, REASON_SHARED_SOCKET);
	nonblocking = fd_is_nonblocking(route.info);
	if (nonblocking && !thread_ensure_ring(route.thread))
		return route_refuse(call, REASON_NO_RING);
	if (nonblocking && !can_accept_without_waiting(route.thread))
		return route_refuse_always(route, REASON_NONBLOCKING);
	transfer_init_stream(&op, &route, SO_RCVTIMEO);
	uring_prep_accept(&op.sqe, fd, addr, len, flags);
	if (nonblocking)
		op.sqe.ioprio |= URING_ACCEPT_DONTWAIT;
	ret = op_run(route.thread, &op);
	if (ret >= 0 && fd_is_stream(route.info))
		fd_note_open_as(ret, fd_kind(route.info), flags & SOCK_NONBLOCK);
	else if (ret >= 0)
		fd_note_open(ret, fd_mark_open(), false);
	return route_finish(&route, ret, res);
}

bool call_accept(int fd, struct sockaddr *addr, socklen_t *len, ssize_t *res)
{
	return ring_accept(CALL_accept, fd, addr, len, 0, res);
}

bool call_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags, ssize_t *res)
{
	return ring_accept(CALL_accept4, fd, addr, len, flags, res);
}

static int note_accepted(int fd)
{
	if (fd >= 0)
		fd_note_open(fd, fd_mark_open(), false);
	return fd;
}

EXPORT int accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	ssize_t res;

	if (call_accept(fd, addr, len, &res))
		return (int)res;
	return note_accepted(NEXT(accept)(fd, addr, len));
}

EXPORT int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	ssize_t res;

	if (call_accept4(fd, addr, len, flags, &res))
		return (int)res;
	return note_accepted(NEXT(accept4)(fd, addr, len, flags));
}

/* Returns true for an error with which a native connection attempt fails after it has begun. */
static bool is_end_of_attempt(int err)
{
	static const uint8_t ends[] = {
		ECONNREFUSED, ETIMEDOUT, ECONNRESET,  ECONNABORTED, EHOSTUNREACH, ENETUNREACH,
		EHOSTDOWN,    ENONET,	 ENOPROTOOPT, EOPNOTSUPP,   EPIPE,
	};

	return memchr(ends, err, sizeof(ends));
}

/*
 * If an attempt fails after it has begun, the native call resets the socket to its initial
 * state; the operation only fetches the error. Until the reset such a socket reports a hang-up.
 * A socket whose attempt failed earlier does not.
 */
static COLD void end_attempt(int fd)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (sys_is_hung_up(fd))
		sys3(SYS_connect, fd, (long)&none, sizeof(none));
}

/* Makes the state of the socket after the operation the same as after the native call. */
static void settle_attempt(const struct route *route, int ret)
{
	if (fd_kind(route->info) != FD_STREAM || op_was_declined(ret))
		return;
	if (ret < 0 && is_end_of_attempt(-ret))
		end_attempt(route->fd);
	/* The first send may be what connects the socket. */
	if (ret == 0 && fd_note_deferred_connect(route->fd))
		fd_classify(route->fd);
}

ALWAYS_INLINE bool call_connect(int fd, const struct sockaddr *addr, socklen_t len, ssize_t *res)
{
	struct route route;
	struct operation op;
	int ret;

	if (!route_begin_fd(&route, CALL_connect, fd))
		return false;
	if (!fd_is_socket(route.info))
		return route_refuse_always(route, REASON_KIND);
	if (fd_is_nonblocking(route.info))
		return route_refuse_always(route, REASON_NONBLOCKING);
	/*
	 * A wrong belief about O_NONBLOCK would be visible here, and nothing later corrects it.
	 * On a Unix domain socket it is visible only if the call blocks.
	 */
	if (fd_kind(route.info) != FD_UNIX && fd_query_nonblocking(fd))
		return route_refuse(CALL_connect, REASON_NONBLOCKING);
	if (!fd_is_same_use(route.info, fd_peek(fd)))
		return route_refuse(CALL_connect, REASON_DESCRIPTOR);
	transfer_init_stream(&op, &route, SO_SNDTIMEO);
	op.timeout_errno = fd_kind(route.info) == FD_UNIX ? EAGAIN : EINPROGRESS;
	/* The attempt continues after its operation is cancelled. */
	op.restart_direct = true;
	uring_prep_connect(&op.sqe, fd, addr, len);
	ret = op_run(route.thread, &op);
	settle_attempt(&route, ret);
	/* An attempt is already under way, and the native call waits for it too. */
	return route_finish(&route, ret == -EALREADY ? DECLINED(RESTART) : ret, res);
}

EXPORT int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	int ret = NEXT(setsockopt)(fd, level, name, value, len);

	/*
	 * With this option the first send connects the socket, and a ring loses the error of
	 * that connection attempt.
	 */
	if (unlikely(level == IPPROTO_TCP && name == TCP_FASTOPEN_CONNECT) && !ret &&
	    atomic_load(&process.block) == REASON_RING)
		fd_classify(fd);
	return ret;
}

bool call_shutdown(int fd, int how, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_begin_fd(&route, CALL_shutdown, fd))
		return false;
	if (!fd_is_socket(route.info))
		return route_refuse_always(route, REASON_KIND);
	transfer_init_file(&op, &route);
	op.passes_cancellation = true;
	uring_prep_shutdown(&op.sqe, fd, how);
	return route_run(&route, &op, res);
}

#include "shim/calls/made-exports-socket.h"

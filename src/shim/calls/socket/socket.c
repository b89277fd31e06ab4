/* The socket family. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include "shim/calls/file/transfer.h"
#include "shim/symbols/next-symbol.h"
#include "shim/base/sys.h"

/* URING_ACCEPT_DONTWAIT came with 6.10, as did this feature. */
static bool can_accept_without_waiting(const struct thread *thread)
{
	return thread->ring.features & URING_FEAT_RECVSEND_BUNDLE;
}

/*
 * Whether another process may wait for connections too. A connection wakes one of those
 * who wait, and an operation stays in that queue while its process is stopped, traced or frozen: the
 * native call leaves it. Only a ring ends a call that has a bound.
 */
static bool waits_for_others(const struct route *route)
{
	return !fd_is_nonblocking(route->info) && !fd_has_private_socket(route->info) &&
	       !settings.timeouts[route->call];
}

static ALWAYS_INLINE bool ring_accept(enum call call, int fd, struct sockaddr *addr, socklen_t *len, int flags,
			ssize_t *res)
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

/* What a native attempt fails with after it has begun. */
static bool is_end_of_attempt(int err)
{
	static const uint8_t ends[] = {
		ECONNREFUSED, ETIMEDOUT, ECONNRESET, ECONNABORTED, EHOSTUNREACH, ENETUNREACH,
		EHOSTDOWN, ENONET, ENOPROTOOPT, EOPNOTSUPP, EPIPE,
	};

	return memchr(ends, err, sizeof(ends));
}

/*
 * When an attempt fails that had begun, the native call makes the socket as good
 * as new; the operation only fetches the error. Such a socket says that its
 * other side has gone, one that failed before does not.
 */
static COLD void end_attempt(int fd)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (sys_is_hung_up(fd))
		sys3(SYS_connect, fd, (long)&none, sizeof(none));
}

/* Sets right what the operation leaves otherwise than the native call. */
static void settle_attempt(const struct route *route, int ret)
{
	if (fd_kind(route->info) != FD_STREAM || op_was_declined(ret))
		return;
	if (ret < 0 && is_end_of_attempt(-ret))
		end_attempt(route->fd);
	/* The first send may be what connects. */
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
	/* Here being wrong would show, and nothing else would tell: in the unix domain only a wait. */
	if (fd_kind(route.info) != FD_UNIX && fd_query_nonblocking(fd))
		return route_refuse(CALL_connect, REASON_NONBLOCKING);
	if (!fd_is_same_use(route.info, fd_peek(fd)))
		return route_refuse(CALL_connect, REASON_DESCRIPTOR);
	transfer_init_stream(&op, &route, SO_SNDTIMEO);
	op.timeout_errno = fd_kind(route.info) == FD_UNIX ? EAGAIN : EINPROGRESS;
	/* The attempt goes on when its operation is cancelled. */
	op.restart_direct = true;
	uring_prep_connect(&op.sqe, fd, addr, len);
	ret = op_run(route.thread, &op);
	settle_attempt(&route, ret);
	/* An attempt is under way: natively this one waits for it too. */
	return route_finish(&route, ret == -EALREADY ? DECLINED(RESTART) : ret, res);
}

EXPORT int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	int ret = NEXT(setsockopt)(fd, level, name, value, len);

	/* With it the first send connects, and a ring loses the error of that. */
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

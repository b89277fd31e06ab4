/* What all calls that move bytes have in common. */
#ifndef SHIM_CALLS_FILE_TRANSFER_H
#define SHIM_CALLS_FILE_TRANSFER_H

#include <sys/socket.h>
#include "shim/calls/file/file-position.h"
#include "shim/queue/sqe.h"
#include "shim/route/route.h"

#ifndef RWF_NOWAIT
#include <linux/fs.h>
#endif

/* What a transfer on a kind of file becomes. */
enum way {
	WAY_DIRECT,
	WAY_FILE,	/* at a file position, or at an offset */
	WAY_PLAIN,	/* knows no position */
	WAY_MEMORY,	/* knows none either, but takes an offset; never waits */
	WAY_SOCKET,	/* a send or a receive */
};

extern const uint8_t transfer_ways[FD_KINDS];

static inline enum way transfer_way(const struct route *route)
{
	return transfer_ways[fd_kind(route->info)];
}

/* A byte count as the 32 bits of an entry, capped as the kernel caps it. */
static inline unsigned transfer_len(size_t count)
{
	return count < TRANSFER_MAX ? (unsigned)count : TRANSFER_MAX;
}

/* A transfer on a file: signals wait for its end. */
static inline void transfer_init_file(struct operation *op, const struct route *route)
{
	op_init(op, route->fd, route->info);
}

/* A transfer that may sleep; timeout_option is that of a socket, or 0. */
static inline void transfer_init_stream(struct operation *op, const struct route *route,
				   int timeout_option)
{
	op_init(op, route->fd, route->info);
	op->interruptible = true;
	op->nonblocking = fd_is_nonblocking(route->info);
	op->timeout_option = timeout_option;
	op->bound = settings.timeouts[route->call];
	op->timeout_errno = EAGAIN;
}

/* One that natively goes on until all is sent, or a handler runs when a part is. */
static inline void transfer_init_send(struct operation *op, const struct route *route,
				    int timeout_option)
{
	transfer_init_stream(op, route, timeout_option);
	op->handlers = route->thread->handlers;
	op->ends_when_stopped = !op->nonblocking;
}

/*
 * Whether the kernel would refuse a buffer by its numbers alone, before it
 * looks at anything else; only the native call does that.
 */
static inline bool transfer_is_absurd(const void *buf, size_t count)
{
	return unlikely(count > TRANSFER_MAX) && (uintptr_t)buf + count >= 1ull << 46;
}

/* What an operation at the file position transfers from or to. */
struct transfer {
	bool write;
	size_t len;			/* in all */
	const void *buf;		/* or, when NULL: */
	const struct iovec *iov;
	int iov_count;
};

/* op moved fewer bytes than it could have: sets the position right. */
void transfer_fix_position(const struct operation *op, struct transfer transfer, int count);

/* Runs op at the position of a file past the page cache. */
int transfer_uncached(struct route route, struct operation *op, bool write);

/*
 * Runs op at the file position, which must be ours alone, and sees to it that
 * the position moves by what was transferred.
 */
static ALWAYS_INLINE int transfer_at_position(struct route *route, struct operation *op,
					      const struct transfer *transfer)
{
	int ret;

	if (op_is_cancellable(op))
		pthread_testcancel();
	if (unlikely(!file_position_acquire(route)))
		return route->thread->ring_refused ? DECLINED(NO_RING) : DECLINED(SHARED_POSITION);
	op->position = likely(!settings.risk_shared_position) ? route->slot : NULL;
	if (unlikely(fd_kind(route->info) == FD_UNCACHED)) {
		ret = transfer_uncached(*route, op, transfer->write);
	} else {
		ret = op_run_at_position(route->thread, op, true);
		if (unlikely(!transfer->buf || (size_t)ret < transfer->len) && ret > 0)
			transfer_fix_position(op, *transfer, ret);
	}
	file_position_release(route, !op_was_declined(ret));
	return ret;
}

/* Returns true if a handler has run since the call, a transfer_init_send, began. */
static inline bool transfer_was_interrupted(const struct route *route, const struct operation *op)
{
	return route->thread->handlers != op->handlers;
}

/*
 * Runs op, the next part of a write to a pipe of which the first is done. Where a
 * ring is of no use any more, the native call makes the part. Returns how much
 * was written; if not more than 0, the call is over with what it has.
 */
int transfer_next_part(struct route route, struct operation *op);

/* What is left of a send in the unix domain that answered ret when it was not to wait. */
int transfer_send_on(struct route route, struct operation *op, struct transfer transfer,
		     int ret);

/*
 * Runs op, a send of what transfer says.
 *
 * A native send in the unix domain that has to wait, and whose peer leaves
 * meanwhile, reports and clears the socket's error; one that finds the peer
 * gone says EPIPE. A ring that waits sends anew, and so would say EPIPE in
 * both. So it is known to have to wait before it is made to.
 */
static ALWAYS_INLINE int transfer_send(struct route *route, struct operation *op,
				       const struct transfer *transfer)
{
	bool careful = fd_kind(route->info) == FD_UNIX && op->sqe.msg_flags & MSG_WAITALL;
	int ret;

	if (careful)
		op->sqe.msg_flags ^= MSG_WAITALL | MSG_DONTWAIT;
	ret = op_run(route->thread, op);
	if (!careful || (ret < 0 && ret != -EAGAIN))
		return ret;
	if (likely(transfer->buf && ret >= 0 && (size_t)ret >= transfer->len))
		return ret;
	return transfer_send_on(*route, op, *transfer, ret);
}

/*
 * The signals that come with a failed write (err: its errno) and that the ring
 * did not send. offset: where, or -1: at the file position.
 */
void transfer_raise_missing_signals(struct route route, const struct operation *op, int err,
			  off64_t offset);

/* As route_finish, for a write that answered ret. */
static inline bool transfer_finish_write(const struct route *route, const struct operation *op,
					 int ret, off64_t offset, ssize_t *res)
{
	if (unlikely(ret < 0) && !op_was_declined(ret))
		transfer_raise_missing_signals(*route, op, -ret, offset);
	return route_finish(route, ret, res);
}

#endif

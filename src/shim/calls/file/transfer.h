/* SPDX-License-Identifier: MIT */
/* Common code of all calls that move bytes: reads, writes, sends and receives. */
#ifndef SHIM_CALLS_FILE_TRANSFER_H
#define SHIM_CALLS_FILE_TRANSFER_H

#include <sys/socket.h>
#include "shim/calls/file/file-position.h"
#include "shim/queue/sqe.h"
#include "shim/route/route.h"

#ifndef RWF_NOWAIT
#include <linux/fs.h>
#endif

/* How a transfer on a kind of file is made. */
enum way {
	WAY_DIRECT,
	WAY_FILE,   /* at the file position or at an offset */
	WAY_PLAIN,  /* has no position */
	WAY_MEMORY, /* has none either, but takes an offset; never blocks */
	WAY_SOCKET, /* a send or a receive */
};

extern const uint8_t transfer_ways[FD_KINDS];

static inline enum way transfer_way(const struct route *route)
{
	return transfer_ways[fd_kind(route->info)];
}

/* Converts a byte count to the 32 bits of an sqe, with the same upper limit as in the kernel. */
static inline unsigned transfer_len(size_t count)
{
	return count < TRANSFER_MAX ? (unsigned)count : TRANSFER_MAX;
}

/* Prepares a transfer on a file. Signals do not interrupt it. */
static inline void transfer_init_file(struct operation *op, const struct route *route)
{
	op_init(op, route->fd, route->info);
}

/*
 * Prepares a transfer that can block. timeout_option: SO_RCVTIMEO or SO_SNDTIMEO on a socket,
 * else 0.
 */
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

/*
 * Prepares a transfer that natively continues until everything is sent, or until a handler runs
 * after a part has been sent.
 */
static inline void transfer_init_send(struct operation *op, const struct route *route,
				      int timeout_option)
{
	transfer_init_stream(op, route, timeout_option);
	op->handlers = route->thread->handlers;
	op->ends_when_stopped = !op->nonblocking;
}

/*
 * Returns true if the kernel would reject the buffer by its address and length alone, before it
 * checks anything else. Only the native call does that.
 */
static inline bool transfer_is_absurd(const void *buf, size_t count)
{
	return unlikely(count > TRANSFER_MAX) && (uintptr_t)buf + count >= 1ull << 46;
}

/* The memory that a transfer reads from or writes to. */
struct transfer {
	bool write;
	size_t len;	 /* of buf */
	const void *buf; /* NULL: the memory is a vector */
	const struct iovec *iov;
	int iov_count;
};

/*
 * Corrects the file position after op moved count bytes, if that is less than it could have
 * moved.
 */
void transfer_fix_position(const struct operation *op, struct transfer transfer, int count);

/* Runs op at the file position of a file that is open for direct I/O. */
int transfer_uncached(struct route route, struct operation *op, bool write);

/*
 * Runs op at the file position, or declines it if the position cannot be reserved for the
 * calling thread. Makes sure that the position moves by the number of bytes transferred.
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

/*
 * Returns true if fd can still be the pipe that a first part went to. While system calls are
 * forbidden nobody can tell.
 */
static inline bool transfer_is_still_pipe(int fd)
{
	return sys_forbidden() || fd_kind(fd_classify(fd)) == FD_PIPE;
}

/* Returns true if a handler has run since transfer_init_send() began the call. */
static inline bool transfer_was_interrupted(const struct route *route, const struct operation *op)
{
	return route->thread->handlers != op->handlers;
}

/*
 * Returns true if op can have ended early because another thread executes a program, ends the
 * process or has installed a filter, and the library gave up the ring. No such thing ends a
 * native call.
 */
bool transfer_was_cut_off(const struct route *route, const struct operation *op);

/* Stores in rest what follows the first skip bytes of the vector. Returns the number of pieces. */
size_t transfer_rest(const struct transfer *transfer, size_t skip, struct iovec *rest);

/*
 * Runs op, the next part of a write to a pipe after the first part is done. If the ring can no
 * longer be used, the native call writes the part. Returns how much was written; if that is 0
 * or an error, the call ends with what it has.
 */
int transfer_next_part(struct route route, struct operation *op);

/* Completes a send on a Unix domain socket that returned ret when it was not allowed to block. */
int transfer_send_on(struct route route, struct operation *op, struct transfer transfer, int ret);

/* Completes a send by op that returned ret, if it was cut off. */
int transfer_end_cut_off(struct route route, struct operation *op, struct transfer transfer,
			 int ret);

/*
 * Runs op, which sends transfer.
 *
 * If the peer closes while a native send on a Unix domain socket blocks, the send reports and
 * clears the pending error of the socket. If the peer closed before, the send fails with EPIPE.
 * A ring that blocks starts the send again, so it would fail with EPIPE in both cases. So the
 * send is first tried without blocking, and is allowed to block only if it has to.
 *
 * A send that waits can be cut off when another thread executes a program or installs a filter.
 * Then the native function sends the rest.
 */
static ALWAYS_INLINE int transfer_send(struct route *route, struct operation *op,
				       const struct transfer *transfer)
{
	bool careful = fd_kind(route->info) == FD_UNIX && op->sqe.msg_flags & MSG_WAITALL;
	int ret;

	if (careful)
		op->sqe.msg_flags ^= MSG_WAITALL | MSG_DONTWAIT;
	ret = op_run(route->thread, op);
	if (!careful)
		return likely(route->thread->epoch == epoch_current()) ?
			ret :
			transfer_end_cut_off(*route, op, *transfer, ret);
	if (ret < 0 && ret != -EAGAIN)
		return ret;
	if (likely(transfer->buf && ret >= 0 && (size_t)ret >= transfer->len))
		return ret;
	return transfer_send_on(*route, op, *transfer, ret);
}

/*
 * Raises the signal that natively comes with the error err of a failed write, if the ring did
 * not raise it. offset: where the write was made; -1: at the file position.
 */
void transfer_raise_missing_signals(struct route route, const struct operation *op, int err,
				    off64_t offset);

/* Does what route_finish() does, for a write with the result ret, and raises missing signals. */
static inline bool transfer_finish_write(const struct route *route, const struct operation *op,
					 int ret, off64_t offset, ssize_t *res)
{
	if (unlikely(ret < 0) && !op_was_declined(ret))
		transfer_raise_missing_signals(*route, op, -ret, offset);
	return route_finish(route, ret, res);
}

#endif

/* What all calls that move bytes have in common. */
#ifndef SHIM_CALLS_TRANSFER_H
#define SHIM_CALLS_TRANSFER_H

#include <sys/socket.h>
#include "shim/calls/position.h"
#include "shim/route.h"

#ifndef RWF_NOWAIT
#include <linux/fs.h>
#endif

/* What a transfer on a kind of file becomes. */
enum way {
	WAY_DIRECT,
	WAY_FILE,	/* at a file position, or at an offset */
	WAY_PLAIN,	/* knows no position */
	WAY_MEMORY,	/* knows none either, but takes an offset */
	WAY_SOCKET,	/* a send or a receive */
};

extern const uint8_t transfer_ways[];

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
static inline struct operation transfer_file(const struct route *route)
{
	return (struct operation){ .fd = route->fd };
}

/* A transfer that may sleep; timeout_option is that of a socket, or 0. */
static inline struct operation transfer_stream(const struct route *route, int timeout_option)
{
	return (struct operation){
		.fd = route->fd,
		.sleeps = true,
		.nonblocking = fd_nonblocking(route->info),
		.timeout_option = timeout_option,
		.again = EAGAIN,
	};
}

/* Runs op at the file position, which must be ours alone. */
int transfer_at_position(struct route *route, struct operation *op);

/*
 * The signals that come with a failed write (err: its errno) and that the ring
 * did not send. offset: where, or -1: at the file position.
 */
void transfer_owe_signals(const struct route *route, const struct operation *op, int err,
			  off64_t offset);

/* As route_finish, for a write that answered ret. */
static inline bool transfer_finish_write(const struct route *route, const struct operation *op,
					 int ret, off64_t offset, ssize_t *res)
{
	if (unlikely(ret < 0) && !contract_declined(ret))
		transfer_owe_signals(route, op, -ret, offset);
	return route_finish(route, ret, res);
}

#endif

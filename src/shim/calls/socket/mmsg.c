/* SPDX-License-Identifier: MIT */
/*
 * sendmmsg() and recvmmsg(): a chain of linked operations, each of which waits for the previous
 * one.
 */
#include <string.h>
#include <sys/uio.h>
#include "shim/calls/socket/msg.h"
#include "shim/calls/socket/scm-rights.h"
#include "shim/calls/file/transfer.h"
#include "shim/symbols/next-symbol.h"
#include "shim/base/sys.h"

/* Prepares the operation of one message. */
typedef void prepare_fn(const struct route *route, const struct operation *op,
			struct uring_sqe *sqe, struct mmsghdr *msg, int flags);

struct chain {
	struct mmsghdr *msgs;
	unsigned count;
	int flags;	/* of the first message */
	int flags_then; /* of the following ones */
	prepare_fn *prepare;
	unsigned done;
};

/* The data from which the sqes of one part of the chain are filled. */
struct part {
	const struct route *route;
	const struct operation *op;
	const struct chain *chain;
};

static void prepare_send(const struct route *route, const struct operation *op,
			 struct uring_sqe *sqe, struct mmsghdr *msg, int flags)
{
	uring_prep_sendmsg(sqe, route->fd, &msg->msg_hdr, msg_send_flags(route, op, flags));
}

static void prepare_receive(const struct route *route, const struct operation *op,
			    struct uring_sqe *sqe, struct mmsghdr *msg, int flags)
{
	uring_prep_recvmsg(sqe, route->fd, &msg->msg_hdr, msg_receive_flags(op, flags));
}

static void fill_message(const struct batch *batch, unsigned i, struct uring_sqe *sqe)
{
	const struct part *part = batch->what;
	const struct chain *chain = part->chain;
	unsigned at = chain->done + i;

	chain->prepare(part->route, part->op, sqe, &chain->msgs[at],
		       at ? chain->flags_then : chain->flags);
	if (i + 1 < batch->count)
		sqe->flags |= URING_SQE_IO_LINK;
}

/*
 * Returns true if the kernel rejected an sqe. It then cancels the whole chain before any
 * operation starts. Natively the messages before that one would have been transferred, and an
 * error of the socket is reported before one of the first message.
 */
static bool is_refused(const struct operation *op, const int *res, const struct mmsghdr *first)
{
	struct mmsghdr copy;

	if (res[0] == -EFAULT)
		return !sys_peek(&copy, first, sizeof(copy));
	return res[0] == -ECANCELED && !op->status.cancelled && !op->status.expired;
}

/*
 * Runs the next part of the chain. Returns 0 if all of it was done, else what op_run() returns
 * for an operation that failed or was declined.
 */
static int run_part(struct route *route, struct operation *op, struct chain *chain)
{
	int res[BATCH_MAX];
	struct part part = { .route = route, .op = op, .chain = chain };
	struct batch batch = { .fill = fill_message, .what = &part, .res = res };
	struct mmsghdr *msgs = chain->msgs + chain->done;
	unsigned done = 0;
	int ret;

	batch.count = chain->count - chain->done;
	if (batch.count > BATCH_MAX)
		batch.count = BATCH_MAX;
	op->batch = &batch;
	op->partly_done = chain->done > 0;
	ret = op_run(route->thread, op);
	if (op_was_declined(ret))
		return ret;
	if (is_refused(op, res, msgs))
		return DECLINED(ARGUMENT);
	while (done < batch.count && res[done] >= 0) {
		msgs[done].msg_len = (unsigned)res[done];
		done++;
	}
	chain->done += done;
	return done < batch.count ? (done ? res[done] : ret) : 0;
}

/* Returns true if the chain was ended only because rings were forbidden. */
static bool is_forbidden(const struct thread *thread, const struct operation *op, int ret)
{
	return ret == DECLINED(RESTART) ||
		(ret == -ECANCELED && op->status.handler_action == HANDLER_NONE &&
		 thread->epoch != epoch_current());
}

static int go_on_directly(const struct route *route, const struct chain *chain)
{
	struct mmsghdr *msgs = chain->msgs + chain->done;
	unsigned count = chain->count - chain->done;
	int ret = chain->prepare == prepare_send ?
		NEXT(sendmmsg)(route->fd, msgs, count, chain->flags_then) :
		NEXT(recvmmsg)(route->fd, msgs, count, chain->flags_then, NULL);

	return (int)chain->done + (ret > 0 ? ret : 0);
}

/*
 * Sends the rest of the last message if a stream took only a part of it because the chain was cut
 * off. The list of its buffers lies on the stack (alloca), at most 16 KiB.
 */
static COLD void finish_message(const struct route *route, const struct operation *op,
				struct chain *chain)
{
	struct mmsghdr *msg = &chain->msgs[chain->done - 1];
	const struct transfer transfer = { .iov = msg->msg_hdr.msg_iov,
					   .iov_count = (int)msg->msg_hdr.msg_iovlen };
	struct iovec *rest = __builtin_alloca((size_t)transfer.iov_count * sizeof(*rest));
	struct mmsghdr next = { .msg_hdr.msg_iov = rest };

	next.msg_hdr.msg_iovlen = transfer_rest(&transfer, msg->msg_len, rest);
	if (next.msg_hdr.msg_iovlen && transfer_was_cut_off(route, op) &&
	    NEXT(sendmmsg)(route->fd, &next, 1, chain->flags_then) == 1)
		msg->msg_len += next.msg_len;
}

/*
 * Runs the chain. Returns the number of messages that were transferred, or what op_run()
 * returns if none was.
 */
static int run_messages(struct route *route, struct operation *op, struct chain *chain)
{
	int ret;

	do
		ret = run_part(route, op, chain);
	while (!ret && chain->done < chain->count);
	if (unlikely(route->thread->epoch != epoch_current()) && chain->done &&
	    chain->prepare == prepare_send && fd_is_stream(route->info))
		finish_message(route, op, chain);
	if (chain->done && is_forbidden(route->thread, op, ret))
		return go_on_directly(route, chain);
	if (ret < 0 && !op_was_declined(ret) && chain->prepare == prepare_send)
		transfer_raise_missing_signals(*route, op, -ret, -1);
	return chain->done ? (int)chain->done : ret;
}

/* Limits *count to what the kernel accepts. Returns true if that many messages can go by ring. */
static bool route_chain(struct route *route, enum call call, unsigned *count)
{
	if (!*count)
		return route_refuse(call, REASON_ARGUMENT);
	if (*count > IOV_MAX)
		*count = IOV_MAX;
	if (!thread_ensure_ring(route->thread) ||
	    !thread_can_take_batch(route->thread, *count < BATCH_MAX ? *count : BATCH_MAX))
		return route_refuse(call, REASON_NO_RING);
	return true;
}

bool call_sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!msg_begin(&route, CALL_sendmmsg, fd, flags, MESSAGE_SEND_FLAGS))
		return false;
	/* On a Unix domain socket a send that blocks takes two operations (transfer_send()). */
	if (fd_kind(route.info) == FD_UNIX)
		return route_refuse(CALL_sendmmsg, REASON_KIND);
	if (!route_chain(&route, CALL_sendmmsg, &count))
		return false;
	transfer_init_send(&op, &route, SO_SNDTIMEO);
	uring_prep_nop(&op.sqe);
	op.sqe.msg_flags = (unsigned)flags;
	return route_finish(&route,
			    run_messages(&route, &op,
					 &(struct chain){
						 .msgs = msgs,
						 .count = count,
						 .flags = flags,
						 .flags_then = flags,
						 .prepare = prepare_send,
					 }),
			    res);
}

bool call_recvmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags,
		   struct timespec *timeout, ssize_t *res)
{
	int then = flags & MSG_WAITFORONE ? flags | MSG_DONTWAIT : flags;
	struct route route;
	struct operation op;

	if (!msg_begin(&route, CALL_recvmmsg, fd, flags, MESSAGE_RECEIVE_FLAGS | MSG_WAITFORONE))
		return false;
	/* The native call reports a pending error before data. */
	if (fd_is_stream(route.info))
		return route_refuse_always(route, REASON_KIND);
	/* The native call checks the timeout only between messages. */
	if (timeout)
		return route_refuse(CALL_recvmmsg, REASON_ARGUMENT);
	if (!route_chain(&route, CALL_recvmmsg, &count))
		return false;
	transfer_init_stream(&op, &route, SO_RCVTIMEO);
	op.ends_when_stopped = true;
	uring_prep_nop(&op.sqe);
	return route_finish(&route,
			    run_messages(&route, &op,
					 &(struct chain){
						 .msgs = msgs,
						 .count = count,
						 .flags = flags & ~MSG_WAITFORONE,
						 .flags_then = then & ~MSG_WAITFORONE,
						 .prepare = prepare_receive,
					 }),
			    res);
}

int mmsg_send(int fd, struct mmsghdr *msgs, unsigned count, int flags, send_messages_fn *native)
{
	bool alone = process_is_single_threaded();
	ssize_t res;

	for (unsigned i = 0; !alone && i < count && i < IOV_MAX; i++)
		scm_rights_before_send(&msgs[i].msg_hdr);
	if (!call_sendmmsg(fd, msgs, count, flags, &res))
		res = native(fd, msgs, count, flags);
	for (ssize_t i = 0; alone && i < res; i++)
		scm_rights_after_send(&msgs[i].msg_hdr);
	return (int)res;
}

int mmsg_receive(int fd, struct mmsghdr *msgs, unsigned count, int flags, struct timespec *timeout,
		 receive_messages_fn *native)
{
	ssize_t res;

	if (!call_recvmmsg(fd, msgs, count, flags, timeout, &res))
		res = native(fd, msgs, count, flags, timeout);
	for (ssize_t i = 0; i < res; i++)
		scm_rights_after_receive(&msgs[i].msg_hdr);
	return (int)res;
}

EXPORT int sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
	return mmsg_send(fd, msgs, count, flags, NEXT(sendmmsg));
}

EXPORT int __sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
	return mmsg_send(fd, msgs, count, flags, NEXT(__sendmmsg));
}

EXPORT int recvmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags,
		    struct timespec *timeout)
{
	return mmsg_receive(fd, msgs, count, flags, timeout, NEXT(recvmmsg));
}

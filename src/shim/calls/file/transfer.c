/* SPDX-License-Identifier: MIT */
/*
 * The slow paths of calls that move bytes: correcting the file position, continuing a partial
 * transfer, and raising the signals that a ring does not raise.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include "shim/calls/file/transfer.h"
#include "shim/symbols/next-symbol.h"
#include "shim/base/sys.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

const uint8_t transfer_ways[FD_KINDS] = {
	[FD_FILE] = WAY_FILE,	 [FD_UNCACHED] = WAY_FILE,   [FD_PIPE] = WAY_PLAIN,
	[FD_EVENT] = WAY_PLAIN,	 [FD_MEMORY] = WAY_MEMORY,   [FD_STREAM] = WAY_SOCKET,
	[FD_UNIX] = WAY_SOCKET,	 [FD_DATAGRAM] = WAY_SOCKET, [FD_TTY] = WAY_DIRECT,
	[FD_OTHER] = WAY_DIRECT, [FD_BAD] = WAY_DIRECT,
};

static bool is_append(const struct operation *op)
{
	return op->sqe.rw_flags & RWF_APPEND || sys2(SYS_fcntl, op->fd, F_GETFL) & O_APPEND;
}

/* Moves the file position past a transfer of count bytes that began there. */
static void move_position(const struct operation *op, bool write, long count)
{
	if (write && is_append(op))
		sys3(SYS_lseek, op->fd, 0, SEEK_END);
	else
		sys3(SYS_lseek, op->fd, count, SEEK_CUR);
}

/* Returns true if the kernel could not have stored a byte at address. */
static bool is_unwritable(uintptr_t address)
{
	return sys3(SYS_madvise, (long)(address & ~4095ul), 4096, MADV_POPULATE_WRITE) < 0;
}

/*
 * Returns the address of byte number count of a transfer. *begins: a piece of the vector begins
 * there.
 */
static uintptr_t address_of(const struct transfer *transfer, size_t count, bool *begins)
{
	const struct iovec *iov = transfer->iov;

	*begins = false;
	if (transfer->buf)
		return (uintptr_t)transfer->buf + count;
	while (count >= iov->iov_len)
		count -= iov++->iov_len;
	*begins = count == 0;
	return (uintptr_t)iov->iov_base + count;
}

/*
 * Returns true if a read of count bytes ended early because of its buffer, not because of the
 * file.
 */
static bool ended_by_fault(const struct transfer *transfer, size_t count)
{
	bool begins;
	uintptr_t address = address_of(transfer, count, &begins);

	/* Faults occur at the edges of pages, or where a piece begins. */
	if (address % 4096 && address % 4096 < 4096 - 64 && !begins)
		return false;
	return is_unwritable(address);
}

/* Returns true if the file contains at offset the first bytes that the transfer read. */
static bool stands_at(const struct operation *op, const struct transfer *transfer, size_t count,
		      long offset)
{
	char bytes[256];
	const void *first = transfer->buf;
	size_t len = count;

	if (!first) {
		const struct iovec *iov = transfer->iov;

		while (!iov->iov_len)
			iov++;
		first = iov->iov_base;
		len = iov->iov_len < count ? iov->iov_len : count;
	}
	if (len > sizeof(bytes))
		len = sizeof(bytes);
	return sys4(SYS_pread64, op->fd, (long)bytes, (long)len, offset) == (long)len &&
		!memcmp(bytes, first, len);
}

/* Returns true if the file system can read the file without a wait. Else only io-wq workers do. */
static bool has_nowait_reads(const struct operation *op, long offset)
{
	char byte;
	struct iovec iov = { &byte, 1 };

	/* The fifth argument is the high half of the offset, which 64-bit systems ignore. */
	return sys6(SYS_preadv2, op->fd, (long)&iov, 1, offset, 0, RWF_NOWAIT) != -EOPNOTSUPP;
}

/*
 * A read ended early because of its buffer. Returns true if the file position is still where
 * the read began. The bytes that were read show this, unless the file has the same bytes at
 * both places. Then it depends on who ran the read from its beginning: an io-wq worker moved the
 * position, the submission did not, nor did the retry after a wait for the page cache.
 */
static bool is_left_behind(const struct operation *op, const struct transfer *transfer,
			   size_t count, long now)
{
	bool at_start = stands_at(op, transfer, count, now);
	bool at_end = stands_at(op, transfer, count, now - (long)count);

	if (at_start && at_end)
		return has_nowait_reads(op, now);
	return at_start || !at_end;
}

static size_t vector_len(const struct transfer *transfer)
{
	size_t len = 0;

	for (int i = 0; i < transfer->iov_count; i++)
		len += transfer->iov[i].iov_len;
	return len;
}

/*
 * After a partial transfer the kernel tries to continue. If that fails, it reports the part,
 * but it can have forgotten to move the file position. A short write has never moved it. A read
 * that reached the end of the file has. A read that ended because of its buffer has moved it if
 * an io-wq worker ran the read; the bytes that were read show where it began.
 */
COLD void transfer_fix_position(const struct operation *op, struct transfer transfer, int count)
{
	size_t len = transfer.buf ? transfer.len : vector_len(&transfer);
	long now;

	if ((size_t)count >= transfer_len(len))
		return;
	if (transfer.write) {
		move_position(op, true, count);
	} else if (ended_by_fault(&transfer, (size_t)count)) {
		now = sys3(SYS_lseek, op->fd, 0, SEEK_CUR);
		if (is_left_behind(op, &transfer, (size_t)count, now))
			move_position(op, false, count);
	}
}

/* For direct I/O the kernel does not move the file position, so op gets an explicit offset. */
int transfer_uncached(struct route route, struct operation *op, bool write)
{
	long offset = sys3(SYS_lseek, op->fd, 0, SEEK_CUR);
	int ret;

	if (offset < 0)
		return DECLINED(NO_RING);
	op->sqe.off = (uint64_t)offset;
	ret = op_run_at_position(route.thread, op, true);
	if (ret > 0)
		move_position(op, write, ret);
	return ret;
}

/* Fetches and clears the socket's pending error, as a native wait does. */
static int pending_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	sys6(SYS_getsockopt, fd, SOL_SOCKET, SO_ERROR, (long)&err, (long)&len, 0);
	return err;
}

size_t transfer_rest(const struct transfer *transfer, size_t skip, struct iovec *rest)
{
	size_t count = 0;

	for (int i = 0; i < transfer->iov_count; i++) {
		size_t len = transfer->iov[i].iov_len;
		size_t begin = skip < len ? skip : len;

		skip -= begin;
		if (len > begin)
			rest[count++] = (struct iovec){ (char *)transfer->iov[i].iov_base + begin,
							len - begin };
	}
	return count;
}

/* Returns true if the ring could not run the operation, for reasons of its own. */
static bool is_unwanted(int ret)
{
	return ret == DECLINED(NO_RING) || ret == DECLINED(KERNEL) || ret == DECLINED(NO_WORKER) ||
		ret == DECLINED(MEMORY);
}

bool transfer_was_cut_off(const struct route *route, const struct operation *op)
{
	return route->thread->epoch != epoch_current() && !op->status.expired &&
		!transfer_was_interrupted(route, op);
}

/* Stores in rest what follows the first sent bytes. Returns the number of pieces. */
static size_t rest_of(const struct transfer *transfer, size_t sent, size_t len, struct iovec *rest)
{
	if (transfer->iov)
		return transfer_rest(transfer, sent, rest);
	*rest = (struct iovec){ (char *)transfer->buf + sent, len - sent };
	return 1;
}

/*
 * Sends the rest by the function that the program has called: a filter that was installed meanwhile
 * can forbid others. Returns the number of bytes, or a negative errno.
 */
static int send_natively(const struct route *route, const struct msghdr *rest, unsigned flags)
{
	const struct iovec *iov = rest->msg_iov;
	const void *buf = iov->iov_base;
	size_t len = iov->iov_len;
	ssize_t ret;

	switch (route->call) {
	case CALL_write:
		ret = NEXT(write)(route->fd, buf, len);
		break;
	case CALL_writev:
		ret = NEXT(writev)(route->fd, iov, (int)rest->msg_iovlen);
		break;
	case CALL_send:
		ret = NEXT(send)(route->fd, buf, len, (int)flags);
		break;
	case CALL_sendto:
		ret = NEXT(sendto)(route->fd, buf, len, (int)flags, NULL, 0);
		break;
	default:
		ret = NEXT(sendmsg)(route->fd, rest, (int)flags);
		break;
	}
	return ret < 0 ? -errno : (int)ret;
}

/* Lets op, which was tried without waiting, wait to send the rest. Returns what op_run() does. */
static int send_by_ring(const struct route *route, struct operation *op, struct msghdr *rest,
			size_t sent)
{
	unsigned flags = (op->sqe.msg_flags & ~(unsigned)MSG_DONTWAIT) | MSG_WAITALL;

	if (sent)
		uring_prep_sendmsg(&op->sqe, route->fd, rest, flags);
	op->sqe.msg_flags = flags;
	op->partly_done = sent > 0;
	return op_run(route->thread, op);
}

/*
 * Sends what follows the first sent bytes: by ring if op has not waited yet, else natively. The
 * list of the buffers that are left lies on the stack (alloca): at most IOV_MAX, or 16 KiB.
 */
static int send_rest(const struct route *route, struct operation *op,
		     const struct transfer *transfer, size_t len, size_t sent)
{
	struct iovec *rest = __builtin_alloca(((size_t)transfer->iov_count + 1) * sizeof(*rest));
	struct msghdr msg = { .msg_iov = rest };
	unsigned flags = op->sqe.msg_flags & ~(unsigned)(MSG_DONTWAIT | MSG_WAITALL);
	int ret = DECLINED(NO_RING);

	msg.msg_iovlen = rest_of(transfer, sent, len, rest);
	if (op->sqe.msg_flags & MSG_DONTWAIT)
		ret = send_by_ring(route, op, &msg, sent);
	return is_unwanted(ret) && sent ? send_natively(route, &msg, flags) : ret;
}

/* Returns what the native send on a Unix domain socket returns, and handles its pending error. */
static int settle_error(int fd, int ret, bool is_complete)
{
	int err;

	if (ret == -EPIPE) {
		err = pending_error(fd);
		return err ? -err : ret;
	}
	if (ret >= 0 && !is_complete)
		pending_error(fd);
	return ret;
}

COLD int transfer_next_part(struct route route, struct operation *op)
{
	const struct uring_sqe *sqe = &op->sqe;
	ssize_t res;
	int ret;

	if (transfer_was_interrupted(&route, op))
		return 0;
	op->partly_done = true;
	ret = op_run(route.thread, op);
	if (is_unwanted(ret)) {
		if (sqe->opcode == URING_OP_WRITEV)
			res = NEXT(writev)(route.fd, (const struct iovec *)sqe->addr,
					   (int)sqe->len);
		else
			res = NEXT(write)(route.fd, (const void *)sqe->addr, sqe->len);
		return (int)res;
	}
	if (ret < 0 && !op_was_declined(ret))
		transfer_raise_missing_signals(route, op, -ret, -1);
	return ret;
}

COLD int transfer_end_cut_off(struct route route, struct operation *op, struct transfer transfer,
			      int ret)
{
	size_t len = transfer_len(transfer.iov ? vector_len(&transfer) : transfer.len);
	int rest;

	if (ret <= 0 || (size_t)ret >= len || !(op->sqe.msg_flags & MSG_WAITALL) ||
	    !transfer_was_cut_off(&route, op))
		return ret;
	rest = send_rest(&route, op, &transfer, len, (size_t)ret);
	return rest > 0 ? ret + rest : ret;
}

COLD int transfer_send_on(struct route route, struct operation *op, struct transfer transfer,
			  int ret)
{
	/* The vector is readable: the kernel has read it. */
	size_t len = transfer_len(transfer.iov ? vector_len(&transfer) : transfer.len);
	size_t sent = ret > 0 ? (size_t)ret : 0;

	if (ret >= 0 && (sent >= len || (ret && transfer_was_interrupted(&route, op))))
		return ret;
	ret = send_rest(&route, op, &transfer, len, sent);
	sent += ret > 0 ? (size_t)ret : 0;
	if (ret > 0 && sent < len && transfer_was_cut_off(&route, op)) {
		ret = send_rest(&route, op, &transfer, len, sent);
		sent += ret > 0 ? (size_t)ret : 0;
	}
	if (!op_was_declined(ret))
		ret = settle_error(route.fd, ret, sent >= len);
	return sent ? (int)sent : ret;
}

/*
 * Raises SIGXFSZ after EFBIG if the kernel has not raised it and the process's own limit is the
 * cause.
 */
static COLD void owe_file_size_signal(const struct operation *op, off64_t offset)
{
	struct rlimit limit;
	struct stat st;
	long position = offset;

	if (op->status.signalled || sys4(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit) ||
	    limit.rlim_cur == RLIM_INFINITY)
		return;
	if (is_append(op))
		position = sys2(SYS_fstat, op->fd, (long)&st) ? -1 : st.st_size;
	else if (offset < 0)
		position = sys3(SYS_lseek, op->fd, 0, SEEK_CUR);
	if (position >= 0 && (rlim_t)position >= limit.rlim_cur)
		raise_as_user(SIGXFSZ);
}

COLD void transfer_raise_missing_signals(struct route route, const struct operation *op, int err,
					 off64_t offset)
{
	switch (fd_kind(route.info)) {
	case FD_STREAM:
	case FD_UNIX: /* a send on a ring never raises it */
		if (err == EPIPE && !(op->sqe.msg_flags & MSG_NOSIGNAL))
			raise_as_user(SIGPIPE);
		break;
	case FD_PIPE: /* a write does, but not in an io-wq worker */
		if (err == EPIPE && !op->status.signalled)
			raise_as_user(SIGPIPE);
		break;
	case FD_FILE:
	case FD_UNCACHED:
		if (err == EFBIG)
			owe_file_size_signal(op, offset);
		break;
	default:
		break;
	}
}

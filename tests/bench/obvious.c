/* SPDX-License-Identifier: MIT */
/*
 * The obvious shim: a short preload library on top of liburing, for comparison in the benchmark. It
 * breaks programs in the ways that doc/semantics.md describes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

static __thread struct io_uring ring;
static __thread int made;

static struct io_uring_sqe *entry(void)
{
	if (!made && io_uring_queue_init(8, &ring, 0))
		abort();
	made = 1;
	return io_uring_get_sqe(&ring);
}

static int finish(void)
{
	struct io_uring_cqe *cqe;
	int res;

	io_uring_submit_and_wait(&ring, 1);
	io_uring_wait_cqe(&ring, &cqe);
	res = cqe->res;
	io_uring_cqe_seen(&ring, cqe);
	if (res >= 0)
		return res;
	errno = -res;
	return -1;
}

#define CALL(type, name, prep, params, ...) \
	type name params { io_uring_prep_##prep(entry(), __VA_ARGS__); return finish(); }

CALL(ssize_t, read, read, (int fd, void *buf, size_t n), fd, buf, n, -1)
CALL(ssize_t, write, write, (int fd, const void *buf, size_t n), fd, buf, n, -1)
CALL(ssize_t, pread, read, (int fd, void *buf, size_t n, off_t at), fd, buf, n, at)
CALL(ssize_t, pread64, read, (int fd, void *buf, size_t n, off_t at), fd, buf, n, at)
CALL(ssize_t, pwrite, write, (int fd, const void *buf, size_t n, off_t at), fd, buf, n, at)
CALL(ssize_t, pwrite64, write, (int fd, const void *buf, size_t n, off_t at), fd, buf, n, at)
CALL(ssize_t, recv, recv, (int fd, void *buf, size_t n, int flags), fd, buf, n, flags)
CALL(ssize_t, send, send, (int fd, const void *buf, size_t n, int flags), fd, buf, n, flags)
CALL(int, accept, accept, (int fd, struct sockaddr *addr, socklen_t *len), fd, addr, len, 0)
CALL(int, connect, connect, (int fd, const struct sockaddr *addr, socklen_t len), fd, addr, len)
CALL(int, fsync, fsync, (int fd), fd, 0)
CALL(int, fdatasync, fsync, (int fd), fd, IORING_FSYNC_DATASYNC)

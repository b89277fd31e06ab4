/* SPDX-License-Identifier: MIT */
/*
 * timeouts: shows three ways not to wait forever. It reads a line from standard input with a time
 * limit that is linked to the read, waits with a limit on the wait itself, and cancels an operation
 * that is still in flight.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ringshim/uring.h>

enum { READ = 1, LIMIT, POLL, CANCEL };

static void fail(const char *what, int error)
{
	fprintf(stderr, "timeouts: %s: %s\n", what, strerror(error));
	exit(1);
}

static void submit(struct uring *ring, unsigned wait_nr)
{
	int ret = uring_submit(ring, wait_nr, NULL);

	if (ret < 0)
		fail("submit", -ret);
}

/* The limit is an entry of its own, right after the one that it limits. */
static void read_with_limit(struct uring *ring, const struct uring_timespec *limit)
{
	struct uring_cqe cqes[2];
	char line[256];
	struct uring_sqe *sqe;

	sqe = uring_read(ring, READ, STDIN_FILENO, line, sizeof(line), URING_CUR_POS);
	sqe->flags |= URING_SQE_IO_LINK;
	uring_link_timeout(ring, LIMIT, limit, 0);
	submit(ring, 2);
	/* Both complete, in either order: one with its result, the other as cancelled. */
	uring_copy_cqes(ring, cqes, 2, 2, NULL);
	for (int i = 0; i < 2; i++) {
		if (cqes[i].user_data != READ)
			continue;
		if (cqes[i].res >= 0)
			printf("read: %d bytes\n", cqes[i].res);
		else if (cqes[i].res == -ECANCELED || cqes[i].res == -EINTR)
			printf("read: nothing in time\n");
		else
			fail("read", -cqes[i].res);
	}
}

/* The limit ends only the wait; the operation stays in flight. */
static void wait_with_limit(struct uring *ring, const struct uring_timespec *limit, int fd)
{
	struct uring_cqe cqe;
	int ret;

	uring_poll_add(ring, POLL, fd, POLLIN, 0);
	submit(ring, 0);
	ret = uring_copy_cqes(ring, &cqe, 1, 1, limit);
	if (ret == -ETIME)
		printf("wait: nothing in time\n");
	else
		fail("wait", ret < 0 ? -ret : 0);
}

static void cancel(struct uring *ring)
{
	struct uring_cqe cqes[2];

	uring_async_cancel(ring, CANCEL, POLL, 0);
	submit(ring, 2);
	uring_copy_cqes(ring, cqes, 2, 2, NULL);
	for (int i = 0; i < 2; i++) {
		if (cqes[i].user_data == POLL)
			printf("poll: %s\n", strerror(-cqes[i].res));
		else
			printf("cancel: %d\n", cqes[i].res);
	}
}

int main(void)
{
	struct uring_timespec limit = { .tv_nsec = 200000000 };
	struct uring ring;
	int fds[2], ret;

	ret = uring_init(&ring, NULL, 8);
	if (ret)
		fail(uring_why_text(uring_why_failed(ret)), -ret);
	if (pipe(fds))
		fail("pipe", errno);
	read_with_limit(&ring, &limit);
	wait_with_limit(&ring, &limit, fds[0]);
	cancel(&ring);
	uring_destroy(&ring);
	return 0;
}

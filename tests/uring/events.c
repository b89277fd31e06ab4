/* SPDX-License-Identifier: MIT */
/* Tests operations that wait for readiness or time, and those that end a wait. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>

#include "ring.h"

static const struct uring_timespec soon = { .tv_nsec = 20000000 };
static const struct uring_timespec never = { .tv_sec = 1000 };

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void signal_event(int fd)
{
	uint64_t one = 1;

	check_int(write(fd, &one, sizeof(one)), sizeof(one));
}

/* Submits, and stores the two completions by their user data, 1 and 2. */
static void two(struct uring *ring, struct uring_cqe cqes[3])
{
	for (int i = 0; i < 2; i++) {
		struct uring_cqe cqe = next_cqe(ring);

		check(cqe.user_data == 1 || cqe.user_data == 2);
		cqes[cqe.user_data] = cqe;
	}
	check_int(cqes[1].user_data + cqes[2].user_data, 3);
}

static void test_poll_add(void)
{
	struct uring *ring = open_ring(8);
	int fd = eventfd(0, 0);
	struct uring_cqe cqe;

	check_int(run(ring, uring_poll_add(ring, 1, fd, POLLOUT, 0)), POLLOUT);
	check(uring_poll_add(ring, 1, fd, POLLIN, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	check(is_quiet(ring, 20));
	signal_event(fd);
	check_int(next_cqe(ring).res, POLLIN);
	/* A single-shot poll. */
	signal_event(fd);
	check(is_quiet(ring, 20));

	fd = eventfd(0, 0);
	check(uring_poll_add(ring, 1, fd, POLLIN, URING_POLL_ADD_MULTI));
	check_int(uring_submit(ring, 0, NULL), 1);
	for (int i = 0; i < 3; i++) {
		signal_event(fd);
		cqe = next_cqe(ring);
		check_int(cqe.res, POLLIN);
		check(cqe.flags & URING_CQE_F_MORE);
	}
	check(uring_poll_mask(POLLIN) == POLLIN || uring_poll_mask(POLLIN) == POLLIN << 16);
}

static void test_poll_remove(void)
{
	struct uring *ring = open_ring(8);
	struct uring_cqe cqes[3];
	int fd = eventfd(0, 0);

	check(uring_poll_add(ring, 1, fd, POLLIN, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	check(uring_poll_remove(ring, 2, 1));
	two(ring, cqes);
	check_int(cqes[1].res, -ECANCELED);
	check_int(cqes[2].res, 0);
	check_int(run(ring, uring_poll_remove(ring, 2, 1)), -ENOENT);
}

static void test_poll_update_events(void)
{
	struct uring *ring = open_ring(8);
	struct uring_cqe cqes[3];
	int fd = eventfd(0, 0);

	check(uring_poll_add(ring, 1, fd, POLLIN, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	check(is_quiet(ring, 20));
	/* It is always writable, so now the poll completes. */
	check(uring_poll_update_events(ring, 2, 1, POLLOUT));
	two(ring, cqes);
	check_int(cqes[1].res, POLLOUT);
	check_int(cqes[2].res, 0);
	check_int(run(ring, uring_poll_update_events(ring, 2, 1, POLLOUT)), -ENOENT);
}

static void test_poll_update_user_data(void)
{
	struct uring *ring = open_ring(8);
	struct uring_cqe cqe;
	int fd = eventfd(0, 0);

	check(uring_poll_add(ring, 1, fd, POLLIN, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	check_int(run(ring, uring_poll_update_user_data(ring, 2, 1, 77)), 0);
	signal_event(fd);
	cqe = next_cqe(ring);
	check_int(cqe.user_data, 77);
	check_int(cqe.res, POLLIN);
}

static void test_poll_update(void)
{
	struct uring *ring = open_ring(8);
	struct uring_cqe cqe, other;
	int fd = eventfd(0, 0);

	check(uring_poll_add(ring, 1, fd, POLLIN, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	check(uring_poll_update(ring, 2, 1, 88, POLLOUT, URING_POLL_UPDATE_EVENTS |
							 URING_POLL_UPDATE_USER_DATA));
	cqe = next_cqe(ring);
	other = next_cqe(ring);
	check_int(cqe.user_data + other.user_data, 90);
	check_int(cqe.user_data == 88 ? cqe.res : other.res, POLLOUT);
}

static void test_epoll_ctl(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 123 }, got = { 0 };
	struct uring *ring = open_ring(8);
	int epfd = epoll_create1(0), fd = eventfd(1, 0);

	check_int(run(ring, uring_epoll_ctl(ring, 1, epfd, EPOLL_CTL_ADD, fd, &event)), 0);
	check_int(epoll_wait(epfd, &got, 1, 0), 1);
	check_int(got.data.u64, 123);
	check_int(run(ring, uring_epoll_ctl(ring, 1, epfd, EPOLL_CTL_ADD, fd, &event)), -EEXIST);
	check_int(run(ring, uring_epoll_ctl(ring, 1, epfd, EPOLL_CTL_DEL, fd, NULL)), 0);
	check_int(epoll_wait(epfd, &got, 1, 0), 0);
}

static void test_epoll_wait(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 123 }, got[2] = { 0 };
	struct uring *ring = open_ring(8);
	int epfd = epoll_create1(0), fd = eventfd(0, 0);

	need(URING_WHAT_OP, URING_OP_EPOLL_WAIT);
	check_int(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event), 0);
	check(uring_epoll_wait(ring, 1, epfd, got, 2));
	check_int(uring_submit(ring, 0, NULL), 1);
	check(is_quiet(ring, 20));
	signal_event(fd);
	check_int(next_cqe(ring).res, 1);
	check_int(got[0].data.u64, 123);
	check_int(got[0].events, EPOLLIN);
}

static void test_timeout(void)
{
	struct uring *ring = open_ring(8);
	struct uring_timespec at = { 0 };
	struct uring_cqe cqes[3];
	struct timespec ts;
	int64_t start = now_ms();

	check_int(run(ring, uring_timeout(ring, 1, &soon, 0, 0)), -ETIME);
	check(now_ms() - start >= 19);
	/* A timeout that a count of completions ends. */
	check(uring_timeout(ring, 1, &never, 1, 0));
	check(uring_nop(ring, 2));
	two(ring, cqes);
	check_int(cqes[1].res, 0);
	/* A time in the past, on another clock. */
	clock_gettime(CLOCK_REALTIME, &ts);
	at.tv_sec = ts.tv_sec - 1;
	check_int(run(ring, uring_timeout(ring, 1, &at, 0, URING_TIMEOUT_ABS |
							   URING_TIMEOUT_REALTIME)), -ETIME);
	at.tv_sec = -1;
	check_int(run(ring, uring_timeout(ring, 1, &at, 0, 0)), -EINVAL);
}

static void test_timeout_multishot(void)
{
	struct uring *ring = open_ring(8);
	struct uring_timespec tick = { .tv_nsec = 5000000 };
	struct uring_cqe cqe;

	check(uring_timeout_multishot(ring, 1, &tick, 3, 0));
	for (int i = 0; i < 3; i++) {
		cqe = next_cqe(ring);
		if (cqe.res == -EINVAL)
			skip("timeout_multishot: needs Linux 6.4");
		check_int(cqe.res, -ETIME);
		check_int(!!(cqe.flags & URING_CQE_F_MORE), i < 2);
	}
	check(is_quiet(ring, 20));
}

static void test_timeout_remove(void)
{
	struct uring *ring = open_ring(8);
	struct uring_cqe cqes[3];

	check(uring_timeout(ring, 1, &never, 0, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	check(uring_timeout_remove(ring, 2, 1, 0));
	two(ring, cqes);
	check_int(cqes[1].res, -ECANCELED);
	check_int(cqes[2].res, 0);
	check_int(run(ring, uring_timeout_remove(ring, 2, 1, 0)), -ENOENT);
}

static void test_timeout_update(void)
{
	struct uring *ring = open_ring(8);

	check(uring_timeout(ring, 1, &never, 0, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	check_int(run(ring, uring_timeout_update(ring, 2, 1, &soon, 0)), 0);
	check_int(next_cqe(ring).res, -ETIME);
	check_int(run(ring, uring_timeout_update(ring, 2, 1, &soon, 0)), -ENOENT);
}

static void test_link_timeout_update(void)
{
	struct uring *ring = open_ring(8);
	struct uring_cqe cqes[3];
	int fds[2];
	char c = 0;

	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	uring_recv(ring, 1, fds[0], &c, 1, 0)->flags |= URING_SQE_IO_LINK;
	check(uring_link_timeout(ring, 2, &never, 0));
	check_int(uring_submit(ring, 0, NULL), 2);
	check(is_quiet(ring, 20));
	check_int(run(ring, uring_timeout_update(ring, 3, 2, &soon, URING_LINK_TIMEOUT_UPDATE)), 0);
	two(ring, cqes);
	check_int(cqes[1].res, -ECANCELED);
	check_int(cqes[2].res, -ETIME);
}

static void test_link_timeout(void)
{
	struct uring *ring = open_ring(8);
	struct uring_cqe cqes[3];
	struct uring_sqe *sqe;
	int fds[2];
	char c = 0;

	check_int(pipe(fds), 0);
	sqe = uring_read(ring, 1, fds[0], &c, 1, 0);
	sqe->flags |= URING_SQE_IO_LINK;
	check(uring_link_timeout(ring, 2, &soon, 0));
	two(ring, cqes);
	check(cqes[1].res == -ECANCELED || cqes[1].res == -EINTR);
	check(cqes[2].res == -ETIME || cqes[2].res == -EALREADY);

	check_int(write(fds[1], "x", 1), 1);
	sqe = uring_read(ring, 1, fds[0], &c, 1, 0);
	sqe->flags |= URING_SQE_IO_LINK;
	check(uring_link_timeout(ring, 2, &never, 0));
	two(ring, cqes);
	check_int(cqes[1].res, 1);
	check_int(cqes[2].res, -ECANCELED);
	check_int(run(ring, uring_link_timeout(ring, 2, &never, 0)), -EINVAL);
}

static void test_async_cancel(void)
{
	struct uring *ring = open_ring(8);
	struct uring_cqe cqes[3];
	int fd = eventfd(0, 0);
	uint64_t value;

	check(uring_read(ring, 1, fd, &value, 8, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	check(uring_async_cancel(ring, 2, 1, 0));
	two(ring, cqes);
	check_int(cqes[1].res, -ECANCELED);
	check_int(cqes[2].res, 0);
	check_int(run(ring, uring_async_cancel(ring, 2, 1, 0)), -ENOENT);
}

/*
 * Leaves three operations waiting: two polls (1, 1) on a, and a timeout (2). Submits cancel (9),
 * and stores in what[1] and what[2] how many of each it ended.
 */
static int cancel_some(struct uring *ring, int a, struct uring_sqe *(*cancel)(struct uring *, int),
		       int what[3])
{
	int result = -1, seen_cancel = 0, expect;

	check(uring_poll_add(ring, 1, a, POLLIN, 0));
	check(uring_poll_add(ring, 1, a, POLLIN, 0));
	check(uring_timeout(ring, 2, &never, 0, 0));
	check_int(uring_submit(ring, 0, NULL), 3);
	what[1] = what[2] = 0;
	check(cancel(ring, a) != NULL);
	for (expect = 1; expect > 0; expect--) {
		struct uring_cqe cqe = next_cqe(ring);

		if (cqe.user_data == 9) {
			result = cqe.res;
			seen_cancel = 1;
			expect += result - what[1] - what[2];
			continue;
		}
		check_int(cqe.res, -ECANCELED);
		what[cqe.user_data]++;
		if (!seen_cancel)
			expect++;
	}
	return result;
}

static struct uring_sqe *cancel_fd(struct uring *ring, int fd)
{
	return uring_async_cancel_fd(ring, 9, fd, URING_ASYNC_CANCEL_ALL);
}

static struct uring_sqe *cancel_op(struct uring *ring, int fd)
{
	return uring_async_cancel_op(ring, 9, URING_OP_TIMEOUT, URING_ASYNC_CANCEL_ALL);
}

static struct uring_sqe *cancel_any(struct uring *ring, int fd)
{
	return uring_async_cancel_any(ring, 9);
}

static struct uring_sqe *cancel_all(struct uring *ring, int fd)
{
	return uring_async_cancel(ring, 9, 1, URING_ASYNC_CANCEL_ALL);
}

static void test_async_cancel_by_key(void)
{
	struct uring *ring = open_ring(16);
	int fd = eventfd(0, 0), what[3];

	check_int(cancel_some(ring, fd, cancel_fd, what), 2);
	check_int(what[1], 2);
	check_int(cancel_some(ring, fd, cancel_all, what), 2);
	check_int(what[1], 2);
	/* Also ends the operations left over from before. */
	check_int(cancel_some(ring, fd, cancel_any, what), 5);
	check_int(what[1], 2);
	check_int(what[2], 3);
	need_age_of(URING_WHAT_SETUP, URING_SETUP_NO_SQARRAY, "async_cancel_op");
	check_int(cancel_some(ring, fd, cancel_op, what), 1);
	check_int(what[2], 1);
}

static void test_sync_cancel(void)
{
	struct uring_sync_cancel_reg reg = { .addr = 1, .timeout = { -1, -1 } };
	struct uring *ring = open_ring_to_register(8);
	int fd = eventfd(0, 0);

	need(URING_WHAT_REGISTER, URING_REGISTER_SYNC_CANCEL);
	check(uring_poll_add(ring, 1, fd, POLLIN, 0));
	/* The SQPOLL thread may consume the entry late; wait until it has. */
	check_int(run(ring, uring_nop(ring, 2)), 0);
	check_int(uring_register_sync_cancel(ring, &reg), 0);
	check_int(next_cqe(ring).res, -ECANCELED);
	check_int(uring_register_sync_cancel(ring, &reg), -ENOENT);
}

static const struct test tests[] = {
	{ "uring_poll_add", test_poll_add },
	{ "uring_poll_remove", test_poll_remove },
	{ "uring_poll_update_events", test_poll_update_events },
	{ "uring_poll_update_user_data", test_poll_update_user_data },
	{ "uring_poll_update", test_poll_update },
	{ "uring_epoll_ctl", test_epoll_ctl },
	{ "uring_epoll_wait", test_epoll_wait },
	{ "uring_timeout", test_timeout },
	{ "uring_timeout_multishot", test_timeout_multishot },
	{ "uring_timeout_remove", test_timeout_remove },
	{ "uring_timeout_update", test_timeout_update },
	{ "uring_timeout_update of a linked one", test_link_timeout_update },
	{ "uring_link_timeout", test_link_timeout },
	{ "uring_async_cancel", test_async_cancel },
	{ "uring_async_cancel_fd, _op, _any", test_async_cancel_by_key },
	{ "uring_register_sync_cancel", test_sync_cancel },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}

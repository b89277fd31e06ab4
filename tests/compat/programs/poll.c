/* SPDX-License-Identifier: MIT */
/*
 * Test program for liburing: multishot polls, timeouts of all kinds, and cancellation. Prints the
 * events.
 */
#include <liburing.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct io_uring ring;

/* Waits for one completion for a limited time, and describes it. */
static void take(char *text, size_t size)
{
	struct __kernel_timespec limit = { .tv_sec = 20 };
	struct io_uring_cqe *cqe = NULL;
	int ret = io_uring_wait_cqe_timeout(&ring, &cqe, &limit);
	char number[16];

	if (ret) {
		printf("wait: %s\n", strerror(-ret));
		exit(1);
	}
	snprintf(number, sizeof(number), "%d", cqe->res);
	snprintf(text, size, "  %s: %s%s", (const char *)io_uring_cqe_get_data(cqe),
		 cqe->res < 0 ? strerror(-cqe->res) : number,
		 cqe->flags & IORING_CQE_F_MORE ? ", more" : "");
	io_uring_cqe_seen(&ring, cqe);
}

static void next(void)
{
	char text[100];

	take(text, sizeof(text));
	puts(text);
}

/* Takes two completions, in either order. */
static void next_two(void)
{
	char text[2][100];
	int first;

	take(text[0], sizeof(text[0]));
	take(text[1], sizeof(text[1]));
	first = strcmp(text[0], text[1]) > 0;
	puts(text[first]);
	puts(text[!first]);
}

static struct io_uring_sqe *entry(const char *name)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	io_uring_sqe_set_data(sqe, (void *)name);
	return sqe;
}

static void submit(int expect)
{
	int ret = io_uring_submit(&ring);

	if (ret != expect)
		printf("submitted %d, not %d\n", ret, expect);
}

static void polls(const char *poll_name)
{
	char c[2];
	int fds[2], i;

	puts("a poll that goes on");
	if (pipe(fds))
		exit(1);
	io_uring_prep_poll_multishot(entry(poll_name), fds[0], POLLIN);
	submit(1);
	for (i = 0; i < 3; i++) {
		if (write(fds[1], "x", 1) != 1)
			exit(1);
		next();
		if (read(fds[0], c, 1) != 1)
			exit(1);
	}
	io_uring_prep_poll_remove(entry("remove"), (__u64)(uintptr_t)poll_name);
	submit(1);
	next_two();
	io_uring_prep_poll_remove(entry("remove none"), 1);
	submit(1);
	next();

	puts("a poll that is changed");
	io_uring_prep_poll_add(entry(poll_name), fds[0], POLLPRI);
	submit(1);
	io_uring_prep_poll_update(entry("update"), (__u64)(uintptr_t)poll_name, 0, POLLIN,
				  IORING_POLL_UPDATE_EVENTS);
	submit(1);
	next();
	if (write(fds[1], "x", 1) != 1)
		exit(1);
	next();
	close(fds[0]);
	close(fds[1]);
}

static void timeouts(const char *late_name)
{
	struct __kernel_timespec soon = { .tv_nsec = 20000000 }, late = { .tv_sec = 60 };
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	int fds[2];
	char c;

	puts("timeouts");
	printf("  wait: %d\n", io_uring_wait_cqe_timeout(&ring, &cqe, &soon) == -ETIME);
	io_uring_prep_timeout(entry("soon"), &soon, 0, 0);
	submit(1);
	next();
	io_uring_prep_timeout(entry("or one completion"), &late, 1, 0);
	io_uring_prep_nop(entry("nop"));
	submit(2);
	next_two();
	io_uring_prep_timeout(entry(late_name), &late, 0, 0);
	submit(1);
	io_uring_prep_timeout_update(entry("update"), &soon, (__u64)(uintptr_t)late_name, 0);
	submit(1);
	next_two();
	io_uring_prep_timeout_remove(entry("remove none"), 1, 0);
	submit(1);
	next();

	puts("a read with a limit");
	if (pipe(fds))
		exit(1);
	sqe = entry("read");
	io_uring_prep_read(sqe, fds[0], &c, 1, 0);
	sqe->flags |= IOSQE_IO_LINK;
	io_uring_prep_link_timeout(entry("limit"), &soon, IORING_TIMEOUT_ETIME_SUCCESS);
	submit(2);
	next_two();

	puts("cancelling");
	io_uring_prep_read(entry("read"), fds[0], &c, 1, 0);
	submit(1);
	io_uring_prep_cancel_fd(entry("cancel"), fds[0], 0);
	submit(1);
	next_two();
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	int ret = io_uring_queue_init(8, &ring, 0);

	if (ret) {
		fprintf(stderr, "poll: %s\n", strerror(-ret));
		return 1;
	}
	alarm(60);
	polls("poll");
	timeouts("late");
	io_uring_queue_exit(&ring);
	return 0;
}

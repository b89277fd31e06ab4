/* SPDX-License-Identifier: MIT */
/*
 * messages: two threads, each with its own ring, send completions to each other. That needs no lock
 * and no pipe, and a thread can wait for messages and for I/O in one place.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringshim/uring.h>

#define ROUNDS 1000
#define SENT UINT64_MAX /* user_data of our own sends; any other is a message */

struct peer {
	struct uring ring;
	struct peer *other;
	unsigned received;
};

static void fail(const char *what, int error)
{
	fprintf(stderr, "messages: %s: %s\n", what, strerror(error));
	exit(1);
}

static void send_number(struct peer *peer, unsigned number)
{
	uring_msg_ring(&peer->ring, SENT, peer->other->ring.fd, number, number, 0);
}

/* Answers each number with the next higher one, until ROUNDS is reached. */
static void *answer(void *arg)
{
	struct peer *peer = arg;
	struct uring_cqe cqe;
	int ret;

	for (;;) {
		ret = uring_submit(&peer->ring, 1, NULL);
		if (ret < 0 && ret != -EINTR)
			fail("submit", -ret);
		while (uring_copy_cqes_ready(&peer->ring, &cqe, 1)) {
			if (cqe.user_data == SENT) {
				if (cqe.res < 0)
					fail("send", -cqe.res);
				if (peer->received >= ROUNDS)
					return NULL;
				continue;
			}
			peer->received = (unsigned)cqe.user_data;
			send_number(peer, peer->received + 1);
			/* Submit a last answer; the other thread does not wait for it. */
			if (peer->received > ROUNDS) {
				uring_submit(&peer->ring, 0, NULL);
				return NULL;
			}
		}
	}
}

int main(void)
{
	static struct peer a, b;
	pthread_t thread;
	int ret;

	a.other = &b;
	b.other = &a;
	/* Each thread posts to the other ring by its descriptor, so the rings must have one. */
	ret = uring_init(&a.ring, NULL, 8);
	if (!ret)
		ret = uring_init(&b.ring, NULL, 8);
	if (ret)
		fail(uring_why_text(uring_why_failed(ret)), -ret);
	send_number(&a, 1);
	if (pthread_create(&thread, NULL, answer, &b))
		fail("thread", errno);
	answer(&a);
	pthread_join(thread, NULL);
	printf("%u and %u\n", a.received, b.received);
	uring_destroy(&a.ring);
	uring_destroy(&b.ring);
	return 0;
}

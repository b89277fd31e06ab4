/* SPDX-License-Identifier: MIT */
/*
 * Test program for liburing: two threads, each with a ring, pass a number back and forth by
 * ring-to-ring messages.
 */
#include <liburing.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 1000

struct player {
	struct io_uring ring;
	int other_fd;
	int start;
	unsigned long last;
	int error;
};

static int post(struct player *me, unsigned value)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&me->ring);
	int ret;

	io_uring_prep_msg_ring(sqe, me->other_fd, value, value * 3ul, 0);
	io_uring_sqe_set_data64(sqe, 0);
	ret = io_uring_submit(&me->ring);
	return ret == 1 ? 0 : -EIO;
}

/* Takes the next message's value; our own posts have value 0. */
static int take(struct player *me, unsigned *value)
{
	struct io_uring_cqe *cqe;
	int ret;

	do {
		ret = io_uring_wait_cqe(&me->ring, &cqe);
		if (ret)
			return ret;
		*value = (unsigned)cqe->res;
		me->last = io_uring_cqe_get_data64(cqe);
		io_uring_cqe_seen(&me->ring, cqe);
		if (!me->last && (int)*value < 0)
			return (int)*value;
	} while (!me->last);
	return me->last == *value * 3ul ? 0 : -EBADMSG;
}

static void *play(void *arg)
{
	struct player *me = arg;
	unsigned value = 1;

	if (me->start)
		me->error = post(me, value);
	while (value < 2 * ROUNDS && !me->error) {
		me->error = take(me, &value);
		if (!me->error && value < 2 * ROUNDS)
			me->error = post(me, value + 1);
		value++;
	}
	return NULL;
}

int main(void)
{
	static struct player players[2];
	pthread_t threads[2];
	int i, ret;

	alarm(60);
	for (i = 0; i < 2; i++) {
		ret = io_uring_queue_init(8, &players[i].ring, 0);
		if (ret) {
			fprintf(stderr, "messages: %s\n", strerror(-ret));
			return 1;
		}
		players[i].start = i == 0;
	}
	players[0].other_fd = players[1].ring.ring_fd;
	players[1].other_fd = players[0].ring.ring_fd;
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, play, &players[i]);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 2; i++) {
		printf("%d: last %lu, %s\n", i, players[i].last, strerror(-players[i].error));
		io_uring_queue_exit(&players[i].ring);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Tests liburing's queue functions: taking entries, submitting, waiting, reaping; the return value
 * of each, and when it returns.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>

#include "calls.h"

static struct __kernel_timespec soon = { .tv_nsec = 20000000 }, late = { .tv_sec = 20 };

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void nops(struct io_uring *ring, int nr)
{
	for (int i = 0; i < nr; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

		check(sqe != NULL);
		io_uring_prep_nop(sqe);
		sqe->user_data = (unsigned)i;
	}
}

static void drain(struct io_uring *ring)
{
	io_uring_cq_advance(ring, io_uring_cq_ready(ring));
}

static void test_entries(void)
{
	struct io_uring *ring = open_ring(4, 0);
	struct io_uring_sqe *first = entry(ring), *sqe;

	io_uring_prep_nop(first);
	check_int(first->flags | first->ioprio | first->buf_index | first->personality, 0);
	check_int(io_uring_sq_ready(ring), 1);
	check_int(io_uring_sq_space_left(ring), 3);
	sqe = entry(ring);
	check(sqe == first + 1);
	io_uring_prep_nop(sqe);
	nops(ring, 2);
	check(io_uring_get_sqe(ring) == NULL);
	check(_io_uring_get_sqe(ring) == NULL);
	check_int(io_uring_sqring_wait(ring), 0);
	check_int(io_uring_submit(ring), 4);
	check_int(io_uring_sq_ready(ring), 0);
	check_int(io_uring_cq_ready(ring), 4);
	check(entry(ring) == first);
#if SINCE(13)
	check_int(io_uring_load_sq_head(ring), 4);
	check_int(io_uring_sqe_shift(ring), 0);
	check_int(io_uring_sqe_shift_from_flags(IORING_SETUP_SQE128), 1);
	check_int(io_uring_cqe_shift(ring), 0);
	check_int(io_uring_cqe_shift_from_flags(IORING_SETUP_CQE32), 1);
#endif
}

static void test_submit(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_cqe *cqe;

	check_int(io_uring_submit(ring), 0);
	check_int(io_uring_submit_and_wait(ring, 0), 0);
	nops(ring, 3);
	check_int(io_uring_submit(ring), 3);
	nops(ring, 2);
	check_int(io_uring_submit_and_wait(ring, 5), 2);
	check_int(io_uring_cq_ready(ring), 5);
	drain(ring);
	/* An invalid entry counts as submitted, and is the last one. */
	nops(ring, 3);
	ring->sq.sqes[(ring->sq.sqe_tail - 2) & ring->sq.ring_mask].opcode = 250;
	check_int(io_uring_submit(ring), 2);
	check_int(io_uring_sq_ready(ring), 1);
	check_int(io_uring_submit(ring), 1);
	check_int(io_uring_wait_cqe_nr(ring, &cqe, 3), 0);
	drain(ring);
	nops(ring, 1);
	check_int(io_uring_submit_and_get_events(ring), 1);
	check_int(io_uring_get_events(ring), 0);
	check_int(io_uring_cq_ready(ring), 1);
}

static void test_peek(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_cqe *cqe, *cqes[8];
	unsigned head, seen = 0;

	check_int(io_uring_peek_cqe(ring, &cqe), -EAGAIN);
	check_int(io_uring_peek_batch_cqe(ring, cqes, 8), 0);
	check_int(io_uring_wait_cqe_nr(ring, &cqe, 0), -EAGAIN);
	check_int(__io_uring_get_cqe(ring, &cqe, 0, 0, NULL), -EAGAIN);
	io_uring_for_each_cqe(ring, head, cqe)
		seen++;
	check_int(seen, 0);
	nops(ring, 5);
	check_int(io_uring_submit(ring), 5);
	check_int(io_uring_peek_cqe(ring, &cqe), 0);
	check_int(cqe->user_data, 0);
	check_int(io_uring_peek_batch_cqe(ring, cqes, 3), 3);
	check(cqes[0] == cqe);
	check_int(cqes[2]->user_data, 2);
	check_int(io_uring_peek_batch_cqe(ring, cqes, 8), 5);
	io_uring_for_each_cqe(ring, head, cqe) {
		check_int(cqe->user_data, seen);
		check_int(head, seen);
		if (++seen == 4)
			break;
	}
	check_int(io_uring_cq_ready(ring), 5);
	io_uring_cq_advance(ring, seen);
	check_int(io_uring_peek_cqe(ring, &cqe), 0);
	check_int(cqe->user_data, 4);
	io_uring_cqe_seen(ring, NULL);
	check_int(io_uring_cq_ready(ring), 1);
	io_uring_cqe_seen(ring, cqe);
	check_int(io_uring_cq_ready(ring), 0);
	io_uring_cq_advance(ring, 0);
	/* Given back while iterating. */
	nops(ring, 8);
	check_int(io_uring_submit(ring), 8);
	seen = 0;
	io_uring_for_each_cqe(ring, head, cqe) {
		check_int(cqe->user_data, seen++);
		io_uring_cqe_seen(ring, cqe);
	}
	check_int(seen, 8);
}

static void test_iterator(void)
{
#if SINCE(15)
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_cqe_iter iter;
	struct io_uring_cqe *cqe;
	unsigned available;
	int err = 0;

	check_int(__io_uring_peek_cqe(ring, &cqe, &available), 0);
	check(cqe == NULL);
	check_int(available, 0);
	nops(ring, 2);
	check_int(io_uring_submit(ring), 2);
	iter = io_uring_cqe_iter_init(ring);
	for (unsigned i = 0; i < 2; i++) {
		check(io_uring_cqe_iter_next(&iter, &cqe));
		check_int(cqe->user_data, i);
		check_int(io_uring_cqe_nr(cqe), 1);
	}
	check(!io_uring_cqe_iter_next(&iter, &cqe));
	check_int(__io_uring_peek_cqe(ring, &cqe, &available), 0);
	check_int(cqe->user_data, 0);
	check_int(available, 2);
	check(!io_uring_skip_cqe(ring, cqe, &err));
	check_int(io_uring_cq_ready(ring), 2);
	cqe->flags |= IORING_CQE_F_SKIP;
	check(io_uring_skip_cqe(ring, cqe, &err));
	check_int(io_uring_cq_ready(ring), 1);
#else
	skip("this liburing does not have it");
#endif
}

static void nop_cqe32(struct io_uring *ring, uint64_t data)
{
#if SINCE(13)
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_nop(sqe);
	sqe->nop_flags = IORING_NOP_CQE32;
	sqe->user_data = data;
	sqe->off = data + 1;
	sqe->addr = data + 2;
#endif
}

/* Completions of 32 bytes; and of 16 and 32 bytes in one ring, with fillers between. */
static void test_large(void)
{
#if SINCE(13)
	struct io_uring *ring = open_ring(4, IORING_SETUP_CQE32);
	struct io_uring_cqe *cqe, *cqes[8];
	unsigned seen = 0, nr;

	open_ring(4, IORING_SETUP_CQE_MIXED);
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 3; i++)
			nop_cqe32(ring, (unsigned)i);
		check_int(io_uring_submit(ring), 3);
		check_int(io_uring_peek_batch_cqe(ring, cqes, 8), 3);
		for (unsigned i = 0; i < 3; i++) {
			check_int(io_uring_wait_cqe(ring, &cqe), 0);
			check(cqe == cqes[i]);
			check_int(cqe->user_data, i);
			check_int(cqe->big_cqe[0], i + 1);
			check_int(cqe->big_cqe[1], i + 2);
			io_uring_cqe_seen(ring, cqe);
		}
	}
	ring = open_ring(4, IORING_SETUP_CQE_MIXED);
	while (seen < 60) {
		nops(ring, 1);
		nop_cqe32(ring, 1);
		nop_cqe32(ring, 2);
		check_int(io_uring_submit(ring), 3);
		for (unsigned i = 0; i < 3; i += nr) {
			check_int(io_uring_peek_cqe(ring, &cqe), 0);
			nr = io_uring_peek_batch_cqe(ring, cqes, 8);
			check(nr >= 1 && cqes[0] == cqe);
			for (unsigned n = 0; n < nr; n++, seen++) {
				check_int(cqes[n]->user_data, seen % 3);
				check_int(io_uring_cqe_nr(cqes[n]), seen % 3 ? 2 : 1);
				io_uring_cqe_seen(ring, cqes[n]);
			}
		}
		check_int(io_uring_peek_cqe(ring, &cqe), -EAGAIN);
	}
#else
	skip("this liburing does not have them");
#endif
}

static void test_wait(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_cqe *cqe = (void *)1;
	long long start = now_ms();

	check_int(io_uring_wait_cqe_timeout(ring, &cqe, &soon), -ETIME);
	check(now_ms() - start >= 19);
	check(cqe == NULL);
	check_int(io_uring_wait_cqes(ring, &cqe, 2, &soon, NULL), -ETIME);
	/* An entry that was taken and not submitted stays in the queue. */
	nops(ring, 1);
	check_int(io_uring_wait_cqe_timeout(ring, &cqe, &soon), -ETIME);
	check_int(io_uring_sq_ready(ring), 1);
	check_int(io_uring_submit(ring), 1);
	check_int(io_uring_wait_cqe(ring, &cqe), 0);
	check_int(cqe->user_data, 0);
	check_int(io_uring_wait_cqe_timeout(ring, &cqe, &late), 0);
	check_int(io_uring_wait_cqe_nr(ring, &cqe, 1), 0);
	check_int(__io_uring_get_cqe(ring, &cqe, 0, 1, NULL), 0);
	/* One of two has completed when the time is over. */
	start = now_ms();
	check_int(io_uring_wait_cqes(ring, &cqe, 2, &soon, NULL), 0);
	check(now_ms() - start >= 19);
	check_int(cqe->user_data, 0);
	nops(ring, 1);
	check_int(io_uring_submit(ring), 1);
	check_int(__io_uring_get_cqe(ring, &cqe, 0, 2, NULL), 0);
	check_int(io_uring_cq_ready(ring), 2);
	drain(ring);
}

static void test_submit_and_wait(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_cqe *cqe = (void *)1;
	long long start = now_ms();

	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 1, &soon, NULL), -ETIME);
	check(now_ms() - start >= 19);
	check(cqe == NULL);
	nops(ring, 2);
	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 1, &late, NULL), 2);
	check_int(cqe->user_data, 0);
	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 1, NULL, NULL), 0);
	check_int(cqe->user_data, 0);
	drain(ring);
	/* Submits, then times out: returns the number submitted, without completions. */
	nops(ring, 1);
	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 2, &soon, NULL), 1);
	check(cqe != NULL);
	drain(ring);
	io_uring_prep_timeout(entry(ring), &late, 0, 0);
	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 1, &soon, NULL), 1);
	check(cqe == NULL);
	nops(ring, 1);
	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 1, NULL, NULL), 1);
	check(cqe != NULL);
	drain(ring);
	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 0, &late, NULL), -EAGAIN);
	nops(ring, 1);
	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 0, &late, NULL), 1);
	drain(ring);
}

static void test_min_wait(void)
{
#if SINCE(8)
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_cqe *cqe = NULL;
	long long start;

	if (!(ring->features & IORING_FEAT_MIN_TIMEOUT)) {
		check_int(io_uring_wait_cqes_min_timeout(ring, &cqe, 2, &late, 20000, NULL),
			  -EINVAL);
		return;
	}
	/* After the short minimum wait, one of two is enough. */
	nops(ring, 1);
	start = now_ms();
	check_int(io_uring_submit_and_wait_min_timeout(ring, &cqe, 2, &late, 20000, NULL), 1);
	check(now_ms() - start >= 19 && now_ms() - start < 15000);
	check(cqe != NULL);
	start = now_ms();
	check_int(io_uring_wait_cqes_min_timeout(ring, &cqe, 2, &late, 20000, NULL), 0);
	check(now_ms() - start >= 19 && now_ms() - start < 15000);
	drain(ring);
	check_int(io_uring_wait_cqes_min_timeout(ring, &cqe, 1, &soon, 1000, NULL), -ETIME);
#else
	skip("this liburing does not have it");
#endif
}

static void test_wait_reg(void)
{
#if SINCE(9)
	struct io_uring *ring = open_ring(8, IORING_SETUP_R_DISABLED);
	struct io_uring_region_desc desc = { .size = 4096, .flags = IORING_MEM_REGION_TYPE_USER };
	struct io_uring_mem_region_reg reg = {
		.region_uptr = (uintptr_t)&desc,
		.flags = IORING_MEM_REGION_REG_WAIT_ARG,
	};
	struct io_uring_reg_wait *waits;
	struct io_uring_cqe *cqe = NULL;
	int ret;

	waits = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(waits, 0, 4096);
	desc.user_addr = (uintptr_t)waits;
	ret = io_uring_register_region(ring, &reg);
	if (ret == -EINVAL)
		skip("registered waits: this kernel does not have them");
	check_int(ret, 0);
	check_int(io_uring_enable_rings(ring), 0);
	waits[2].ts = soon;
	waits[2].flags = IORING_REG_WAIT_TS;
	check_int(io_uring_submit_and_wait_reg(ring, &cqe, 1, 2), -ETIME);
	check(cqe == NULL);
	nops(ring, 1);
	check_int(io_uring_submit_and_wait_reg(ring, &cqe, 1, 2), 1);
	check(cqe != NULL);
#else
	skip("this liburing does not have it");
#endif
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void *tickle(void *thread)
{
	usleep(30000);
	pthread_kill(*(pthread_t *)thread, SIGUSR1);
	return NULL;
}

static pthread_t interrupt_soon(void)
{
	static pthread_t main_thread;
	pthread_t thread;

	main_thread = pthread_self();
	check_int(pthread_create(&thread, NULL, tickle, &main_thread), 0);
	return thread;
}

static void test_interrupted(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct io_uring *ring = open_ring(8, 0);
	struct __kernel_timespec half = { .tv_nsec = 200000000 };
	struct io_uring_cqe *cqe = (void *)1;
	sigset_t mask;
	pthread_t thread;

	sigaction(SIGUSR1, &sa, NULL);
	thread = interrupt_soon();
	check_int(io_uring_wait_cqe(ring, &cqe), -EINTR);
	check(cqe == NULL);
	pthread_join(thread, NULL);
	thread = interrupt_soon();
	check_int(io_uring_wait_cqe_timeout(ring, &cqe, &late), -EINTR);
	pthread_join(thread, NULL);
	thread = interrupt_soon();
	check_int(io_uring_submit_and_wait(ring, 1), -EINTR);
	pthread_join(thread, NULL);
	/* A signal blocked by the mask does not end the wait. */
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	thread = interrupt_soon();
	check_int(io_uring_wait_cqes(ring, &cqe, 1, &half, &mask), -ETIME);
	pthread_join(thread, NULL);
	thread = interrupt_soon();
	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 1, &half, &mask), -ETIME);
	pthread_join(thread, NULL);
	/* The signal comes while submitting: the wait goes on, because it has no limit. */
	io_uring_prep_timeout(entry(ring), &half, 0, 0);
	thread = interrupt_soon();
	check_int(io_uring_submit_and_wait_timeout(ring, &cqe, 1, NULL, NULL), 1);
	check(cqe && cqe->res == -ETIME);
	pthread_join(thread, NULL);
}

static void test_overflow(void)
{
	struct io_uring *ring = open_ring(4, 0);
	struct io_uring_cqe *cqe, *cqes[16];

	check(!io_uring_cq_has_overflow(ring));
	for (int i = 0; i < 3; i++) {
		nops(ring, 4);
		check_int(io_uring_submit(ring), 4);
	}
	check(io_uring_cq_has_overflow(ring));
	check_int(io_uring_peek_batch_cqe(ring, cqes, 16), 8);
	drain(ring);
	check_int(io_uring_peek_cqe(ring, &cqe), 0);
	check_int(io_uring_cq_ready(ring), 4);
	check(!io_uring_cq_has_overflow(ring));
}

/* Completions that the kernel holds back until the ring is entered. */
static void test_deferred(void)
{
	struct io_uring *ring = open_ring(4, 1u << 12 | 1u << 13 /* SINGLE_ISSUER, DEFER_TASKRUN */);
	struct io_uring_cqe *cqe;
	int fds[2];

	check_int(pipe(fds), 0);
	io_uring_prep_poll_add(entry(ring), fds[0], POLLIN);
	check_int(io_uring_submit(ring), 1);
	check_int(write(fds[1], "x", 1), 1);
	check_int(io_uring_peek_cqe(ring, &cqe), -EAGAIN);
	check_int(io_uring_get_events(ring), 0);
	check_int(io_uring_peek_cqe(ring, &cqe), 0);
	check_int(cqe->res, POLLIN);
}

static void test_eventfd(void)
{
	struct io_uring *ring = open_ring(4, 0);
	int fd = eventfd(0, EFD_NONBLOCK);
	uint64_t count;

	check(io_uring_cq_eventfd_enabled(ring));
	check_int(io_uring_register_eventfd(ring, fd), 0);
	check_int(io_uring_register_eventfd(ring, fd), -EBUSY);
	nops(ring, 1);
	check_int(io_uring_submit(ring), 1);
	check_int(read(fd, &count, 8), 8);
	check_int(io_uring_cq_eventfd_toggle(ring, false), 0);
	check(!io_uring_cq_eventfd_enabled(ring));
	check_int(io_uring_cq_eventfd_toggle(ring, false), 0);
	nops(ring, 1);
	check_int(io_uring_submit(ring), 1);
	check_int(read(fd, &count, 8), -1);
	check_int(io_uring_cq_eventfd_toggle(ring, true), 0);
	check_int(io_uring_unregister_eventfd(ring), 0);
	check_int(io_uring_unregister_eventfd(ring), -ENXIO);
	check_int(io_uring_register_eventfd_async(ring, fd), 0);
	nops(ring, 1);
	check_int(io_uring_submit(ring), 1);
	check_int(read(fd, &count, 8), -1);
	check_int(io_uring_unregister_eventfd(ring), 0);
}

static void test_sqpoll(void)
{
	struct io_uring *ring = open_ring(4, IORING_SETUP_SQPOLL);
	struct io_uring_cqe *cqe;
	int done = 0;

	for (int i = 0; i < 100; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

		if (!sqe) {
			check(io_uring_sqring_wait(ring) >= 0);
			check(io_uring_sq_space_left(ring) > 0);
			sqe = io_uring_get_sqe(ring);
		}
		check(sqe != NULL);
		io_uring_prep_nop(sqe);
		check(io_uring_submit(ring) >= 1);
		while (!io_uring_peek_cqe(ring, &cqe)) {
			io_uring_cqe_seen(ring, cqe);
			done++;
		}
	}
	for (; done < 100; done++) {
		check_int(io_uring_wait_cqe_timeout(ring, &cqe, &late), 0);
		io_uring_cqe_seen(ring, cqe);
	}
	check(__io_uring_sqring_wait(ring) >= 0);
	check_int(io_uring_peek_cqe(ring, &cqe), -EAGAIN);
}

static const struct test tests[] = {
	{ "entries", test_entries },
	{ "submitting", test_submit },
	{ "peeking", test_peek },
	{ "peeking with an iterator", test_iterator },
	{ "large completions", test_large },
	{ "waiting", test_wait },
	{ "submitting and waiting", test_submit_and_wait },
	{ "waiting with a minimum time", test_min_wait },
	{ "registered waits", test_wait_reg },
	{ "interrupted", test_interrupted },
	{ "overflow", test_overflow },
	{ "deferred completions", test_deferred },
	{ "an eventfd", test_eventfd },
	{ "SQPOLL", test_sqpoll },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}

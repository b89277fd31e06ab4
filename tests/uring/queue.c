/* SPDX-License-Identifier: MIT */
/* Tests the queues: taking entries, submitting, reaping, waiting. */
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include "ring.h"

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void test_get_sqe(void)
{
	struct uring *ring = open_ring(4);
	struct uring_sqe *sqe, *first = NULL;

	for (unsigned i = 0; i < 4; i++) {
		check_int(uring_free_space(ring), 4 - i);
		check_int(uring_sq_ready(ring), i);
		sqe = uring_get_sqe(ring, 3 - i);
		check(sqe != NULL);
		if (!first)
			first = sqe;
		check(sqe == first + i);
		uring_prep_nop(sqe);
	}
	check(uring_get_sqe(ring, 0) == NULL);
	check(uring_nop(ring, 1) == NULL);
	check_int(uring_sq_look_again(ring, 0), 0);
	check_int(uring_sq_look_again(ring, UINT32_MAX), 0);
	check(uring_get_sqe(ring, UINT32_MAX) == NULL);
	check_int(uring_submit(ring, 4, NULL), 4);
	check_int(uring_sq_ready(ring), 0);
	/* Room for two more entries behind it, and no more. */
	check(uring_nop(ring, 1) != NULL);
	check(uring_get_sqe(ring, 3) == NULL);
	check(uring_get_sqe(ring, 4) == NULL);
	check(uring_get_sqe(ring, UINT32_MAX) == NULL);
	check(uring_get_sqe(ring, 2) != NULL);
	check_int(uring_free_space(ring), 2);
}

static void test_get_sqe_clears(void)
{
	struct uring *ring = open_ring_with(1, URING_SETUP_SQE128);
	struct uring_sqe *sqe;
	static const char zero[128];

	sqe = uring_get_sqe(ring, 0);
	check(sqe != NULL);
	memset(sqe, 0xff, 128);
	sqe->opcode = URING_OP_NOP;
	check(uring_submit(ring, 1, NULL) == 1);
	check(uring_copy_cqes_ready(ring, (struct uring_cqe[1]){ { 0 } }, 1) == 1);
	sqe = uring_get_sqe(ring, 0);
	check(!memcmp(sqe, zero, 128));
	uring_prep_nop(sqe);
	check(uring_submit(ring, 1, NULL) == 1);
	/* A caller who fills the first half gets only the second half cleared. */
	sqe->user_data = 7;
	memset(sqe + 1, 0xff, 64);
	check(uring_take_sqe(ring, 0) == sqe);
	check_int(sqe->user_data, 7);
	check(!memcmp(sqe + 1, zero, 64));
	check(uring_take_sqe(ring, 0) == NULL);
}

static void test_flush_sq(void)
{
	struct uring *ring = open_ring_with(4, 0);

	check_int(uring_flush_sq(ring), 0);
	uring_nop(ring, 1);
	uring_nop(ring, 2);
	check_int(*ring->sq.tail, 0);
	check_int(uring_flush_sq(ring), 2);
	check_int(*ring->sq.tail, 2);
	check_int(uring_flush_sq(ring), 2);
	/* Does by hand what uring_submit does. */
	check_int(uring_enter(ring, 2, 2, URING_ENTER_GETEVENTS, NULL, 0), 2);
	check_int(uring_cq_ready(ring), 2);
	check_int(uring_sq_ready(ring), 0);
}

static void test_needs_enter(void)
{
	struct uring *ring = open_ring_with(4, 0), *polled;
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring sqpoll;
	unsigned flags = 0;

	check_int(uring_sq_ring_needs_enter(ring, &flags), 1);
	check_int(flags, 0);
	params.flags = URING_SETUP_SQPOLL;
	params.sq_thread_idle = 1;
	check_int(uring_init(&sqpoll, &params, 4), 0);
	polled = &sqpoll;
	/* The SQPOLL thread sleeps at first, is awake after a submission, then sleeps again. */
	for (int i = 0; i < 2; i++) {
		for (int tries = 0; tries < 2000; tries++) {
			flags = 0;
			if (uring_sq_ring_needs_enter(polled, &flags))
				break;
			usleep(1000);
		}
		check_int(flags, URING_ENTER_SQ_WAKEUP);
		check_int(run(polled, uring_nop(polled, 1)), 0);
	}
	uring_destroy(polled);
}

static void test_submit(void)
{
	struct uring *ring = open_ring(8);
	struct uring_timespec ts = { .tv_nsec = 30000000 };
	struct uring_cqe cqes[8];
	int64_t start;

	check_int(uring_submit(ring, 0, NULL), 0);
	for (int i = 0; i < 5; i++)
		uring_nop(ring, i);
	check_int(uring_submit(ring, 5, NULL), 5);
	check_int(uring_cq_ready(ring), 5);
	check_int(uring_copy_cqes_ready(ring, cqes, 8), 5);
	for (int i = 0; i < 5; i++)
		check_int(cqes[i].user_data, i);
	/* Nothing to submit: the result is the timeout. */
	start = now_ms();
	check_int(uring_submit(ring, 1, &ts), -ETIME);
	check(now_ms() - start >= 29);
	/* Something submitted: the result is its number. */
	start = now_ms();
	uring_nop(ring, 1);
	check_int(uring_submit(ring, 2, &ts), 1);
	check(now_ms() - start >= (ring->flags & URING_SETUP_SQPOLL ? 0 : 29));
	ts.tv_nsec = -1;
	check_int(uring_submit(ring, 2, &ts), -EINVAL);
}

static void test_submit_stops(void)
{
	struct uring *ring = open_ring_with(4, 0), *all = open_ring_with(4, URING_SETUP_SUBMIT_ALL);

	for (int i = 0; i < 2; i++) {
		struct uring *r = i ? all : ring;

		uring_get_sqe(r, 0)->opcode = 255;
		uring_nop(r, 1);
		check_int(uring_submit(r, 0, NULL), i ? 2 : 1);
		check_int(uring_cq_ready(r), i ? 2 : 1);
		check_int(uring_sq_ready(r), i ? 0 : 1);
	}
	/* The entry left over goes with the next submission. */
	check_int(uring_submit(ring, 1, NULL), 1);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void test_submit_interrupted(void)
{
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval timer = { .it_value = { .tv_usec = 20000 } };
	struct uring *ring = open_ring(8);
	struct uring_cqe cqe;

	if (getenv("URING_TEST_VALGRIND"))
		skip("valgrind starts interrupted calls anew");
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	check_int(uring_submit(ring, 1, NULL), -EINTR);
	setitimer(ITIMER_REAL, &timer, NULL);
	check_int(uring_copy_cqes(ring, &cqe, 1, 1, NULL), -EINTR);
}

static void test_copy_cqes(void)
{
	struct uring *ring = open_ring(8);
	struct uring_timespec ts = { .tv_nsec = 30000000 };
	struct uring_cqe cqes[8];
	int64_t start = now_ms();

	check_int(uring_copy_cqes(ring, cqes, 8, 0, NULL), 0);
	check_int(uring_copy_cqes_ready(ring, cqes, 8), 0);
	check_int(uring_copy_cqes(ring, cqes, 8, 1, &ts), -ETIME);
	check(now_ms() - start >= 29);
	for (int i = 0; i < 6; i++)
		uring_nop(ring, i);
	check_int(uring_submit(ring, 6, NULL), 6);
	/* Copies as many as fit, in order; the rest later. */
	check_int(uring_copy_cqes(ring, cqes, 4, 8, NULL), 4);
	check_int(cqes[0].user_data, 0);
	check_int(cqes[3].user_data, 3);
	check_int(uring_copy_cqes(ring, cqes, 8, 8, NULL), 2);
	check_int(cqes[1].user_data, 5);
	check_int(uring_copy_cqes(ring, cqes, 0, 1, NULL), 0);
	/* The timeout ends the wait early: returns the completions that have come. */
	uring_nop(ring, 9);
	check(uring_submit(ring, 0, NULL) == 1);
	usleep(20000);
	check_int(uring_copy_cqes(ring, cqes, 8, 3, &ts), 1);
	check_int(cqes[0].user_data, 9);
}

static void test_advance(void)
{
	struct uring *ring = open_ring(8);

	for (int i = 0; i < 5; i++)
		uring_nop(ring, i);
	check_int(uring_submit(ring, 5, NULL), 5);
	check_int(uring_cq_ready(ring), 5);
	check_int(uring_cqe_at(ring, 0)->user_data, 0);
	check_int(uring_cqe_at(ring, 4)->user_data, 4);
	uring_cqe_seen(ring);
	check_int(uring_cq_ready(ring), 4);
	check_int(uring_cqe_at(ring, 0)->user_data, 1);
	uring_cq_advance(ring, 3);
	check_int(uring_cqe_at(ring, 0)->user_data, 4);
	uring_cqe_seen(ring);
	check_int(uring_cq_ready(ring), 0);
	uring_cqe_seen(ring);
	uring_cq_advance(ring, 0);
	check_int(uring_cq_ready(ring), 0);
}

static void test_overflow(void)
{
	struct uring *ring = open_ring(2);
	struct uring_cqe cqes[2];
	unsigned next = 0;

	/* Ten completions in a queue of four: none is lost. */
	check_int(ring->cq.entries, 4);
	for (int i = 0; i < 10; i += 2) {
		while (uring_free_space(ring) < 2)
			check_int(uring_sq_wait(ring), 0);
		uring_nop(ring, i);
		uring_nop(ring, i + 1);
		check_int(uring_submit(ring, i < 4 ? i + 2 : 4, NULL), 2);
	}
	for (int tries = 0; !uring_cq_has_overflow(ring) && tries < 1000; tries++)
		usleep(1000);
	check_int(uring_cq_has_overflow(ring), 1);
	check_int(uring_cq_ring_needs_flush(ring), 1);
	while (next < 10) {
		int n = uring_copy_cqes(ring, cqes, 2, 1, NULL);

		check(n > 0);
		for (int i = 0; i < n; i++)
			check_int(cqes[i].user_data, next++);
	}
	check_int(uring_cq_has_overflow(ring), 0);
	check_int(uring_cq_ring_needs_flush(ring), 0);
	check_int(*ring->cq.overflow, 0);
}

static void test_get_events(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN |
					       URING_SETUP_TASKRUN_FLAG);
	int fds[2];
	char c = 0;

	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	uring_recv(ring, 1, fds[0], &c, 1, 0);
	check_int(uring_submit(ring, 0, NULL), 1);
	check_int(write(fds[1], "x", 1), 1);
	/* The operation is done, and the flags tell that its completion is still to be fetched. */
	check_int(uring_cq_ready(ring), 0);
	check_int(uring_cq_ring_needs_flush(ring), 1);
	check_int(uring_get_events(ring), 0);
	check_int(uring_cq_ready(ring), 1);
	check_int(uring_cq_ring_needs_flush(ring), 0);
}

static void test_copy_deferred(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN);
	struct uring_cqe cqe;
	int fds[2];
	char c = 0;

	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	uring_recv(ring, 1, fds[0], &c, 1, 0);
	check_int(uring_submit(ring, 0, NULL), 1);
	check_int(write(fds[1], "x", 1), 1);
	check_int(uring_copy_cqes_ready(ring, &cqe, 1), 0);
	check_int(uring_copy_cqes(ring, &cqe, 1, 0, NULL), 1);
}

static void test_submit_wait(void)
{
	struct uring_timespec late = { .tv_nsec = 500000000 }, at;
	struct uring_getevents_arg arg = { .ts = (uintptr_t)&late };
	struct uring *ring = open_ring_with(8, 0);
	struct timespec now;
	int64_t start = now_ms();
	sigset_t mask;

	need(URING_WHAT_FEATURE, URING_FEAT_EXT_ARG);
	/* A signal blocked by the mask does not end the wait. */
	signal(SIGALRM, on_alarm);
	sigfillset(&mask);
	arg.sigmask = (uintptr_t)&mask;
	arg.sigmask_sz = 8;
	late.tv_nsec = 50000000;
	setitimer(ITIMER_REAL, &(struct itimerval){ .it_value = { .tv_usec = 10000 } }, NULL);
	check_int(uring_submit_wait(ring, 1, 0, &arg), -ETIME);
	check(now_ms() - start >= 49);

	need(URING_WHAT_FEATURE, URING_FEAT_MIN_TIMEOUT);
	/* One of two has completed: after the short minimum wait that is enough. */
	arg = (struct uring_getevents_arg){ .ts = (uintptr_t)&late, .min_wait_usec = 20000 };
	late.tv_nsec = 0;
	late.tv_sec = 100;
	start = now_ms();
	uring_nop(ring, 1);
	check_int(uring_submit_wait(ring, 2, 0, &arg), 1);
	check(now_ms() - start >= 19);
	check_int(uring_cq_ready(ring), 1);
	uring_cqe_seen(ring);

	/* An absolute time. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	at.tv_sec = now.tv_sec - 1;
	at.tv_nsec = now.tv_nsec;
	arg = (struct uring_getevents_arg){ .ts = (uintptr_t)&at };
	check_int(uring_submit_wait(ring, 1, URING_ENTER_ABS_TIMER, &arg), -ETIME);
}

static void test_wait(void)
{
	struct uring *ring = open_ring(8);
	struct uring_timespec soon = { .tv_nsec = 30000000 }, late = { .tv_sec = 20 };
	struct uring_timespec tick = { .tv_nsec = 5000000 };
	struct uring_getevents_arg arg = { .ts = (uintptr_t)&soon };
	struct uring_cqe *cqes[8];
	int64_t start = now_ms();

	need(URING_WHAT_FEATURE, URING_FEAT_EXT_ARG);
	check(uring_peek_cqe(ring) == NULL);
	check_int(uring_peek_cqes(ring, cqes, 8), 0);
	check_int(uring_wait(ring, 0, 0, NULL), 0);
	check_int(uring_wait(ring, 1, 0, &arg), -ETIME);
	check(now_ms() - start >= 29);
	/* An entry that is not submitted stays in the queue; NULL sets no limits. */
	uring_nop(ring, 1);
	check_int(uring_wait(ring, 1, 0, &arg), -ETIME);
	check_int(uring_sq_ready(ring), 1);
	uring_nop(ring, 2);
	check_int(uring_submit_wait(ring, 1, 0, NULL), 2);
	arg.ts = (uintptr_t)&late;
	check_int(uring_wait(ring, 2, 0, &arg), 0);
	check_int(uring_cq_ready(ring), 2);
	check_int(uring_wait(ring, 2, 0, NULL), 0);
	/* A peeked completion can be read again until the caller gives it back. */
	check_int(uring_peek_cqe(ring)->user_data, 1);
	check_int(uring_peek_cqes(ring, cqes, 1), 1);
	check_int(uring_peek_cqes(ring, cqes, 8), 2);
	check_int(cqes[0]->user_data, 1);
	check_int(cqes[1]->user_data, 2);
	uring_cq_advance(ring, 1);
	check_int(uring_peek_cqe(ring)->user_data, 2);
	/* Fewer completions than asked for when the time is over. */
	arg.ts = (uintptr_t)&soon;
	start = now_ms();
	check_int(uring_wait(ring, 2, 0, &arg), 0);
	check(now_ms() - start >= 29);
	uring_cq_advance(ring, 1);
	/* A timeout operation of the program completes meanwhile. */
	uring_timeout(ring, 3, &tick, 0, 0);
	check_int(uring_submit(ring, 0, NULL), 1);
	check_int(uring_wait(ring, 1, 0, NULL), 0);
	check_int(uring_peek_cqe(ring)->res, -ETIME);
}

static void test_wait_interrupted(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval timer = { .it_value = { .tv_usec = 20000 } };
	struct uring *ring = open_ring(8);

	if (getenv("URING_TEST_VALGRIND"))
		skip("valgrind starts interrupted calls anew");
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	check_int(uring_wait(ring, 1, 0, NULL), -EINTR);
}

/* Completions that the kernel holds back until the ring is entered. */
static void test_peek_held_back(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_SINGLE_ISSUER |
					       URING_SETUP_DEFER_TASKRUN |
					       URING_SETUP_TASKRUN_FLAG);
	struct uring_cqe *cqes[4];
	int fds[2];

	check_int(pipe(fds), 0);
	check(uring_poll_add(ring, 1, fds[0], POLLIN, 0) != NULL);
	check_int(uring_submit(ring, 0, NULL), 1);
	check_int(write(fds[1], "x", 1), 1);
	check(uring_peek_cqe(ring) == NULL);
	check_int(uring_peek_cqes(ring, cqes, 4), 1);
	check_int(cqes[0]->user_data, 1);
}

static void test_peek_mixed(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_CQE_MIXED);
	struct uring_cqe *cqes[8];
	unsigned nr, fillers = 0;
	uint64_t given = 0, seen = 0;

	/*
	 * Large completions after small ones, in eight places: now and then a filler comes before
	 * the end, where a batch stops.
	 */
	while (seen < 100) {
		for (int i = 0; i < 3; i++, given++)
			uring_nop(ring, given)->nop_flags = given % 4 ? URING_NOP_CQE32 : 0;
		check_int(uring_submit(ring, 0, NULL), 3);
		while (seen < given) {
			uint32_t head = *ring->cq.head;

			nr = uring_peek_cqes(ring, cqes, 8);
			check(nr >= 1);
			check(uring_peek_cqe(ring) == cqes[0]);
			fillers += *ring->cq.head - head;
			for (unsigned i = 0; i < nr; i++) {
				check_int(cqes[i]->user_data, seen++);
				uring_cq_advance(ring, uring_cqe_slots(cqes[i]));
			}
		}
		check_int(uring_cq_ready(ring), 0);
	}
	check(fillers > 0);
}

/*
 * Entries of 128 bytes in a queue of 64-byte ones, in memory of our own, because no kernel here
 * supports them.
 */
static void test_sqe128_mixed(void)
{
	static struct uring_sqe sqes[8];
	uint32_t head = 0, tail = 0;
	struct uring ring = {
		.sq = { .head = &head, .tail = &tail, .sqes = sqes, .mask = 7, .entries = 8 },
		.flags = URING_SETUP_SQE_MIXED,
	};

	memset(sqes, 0xff, sizeof(sqes));
	for (int i = 0; i < 3; i++)
		check(uring_get_sqe128(&ring) == &sqes[2 * i]);
	check_int(sqes[5].user_data, 0);
	check(uring_nop(&ring, 1) == &sqes[6]);
	/* One place is left, the last one. */
	check(uring_take_sqe128(&ring) == NULL);
	check_int(uring_flush_sq(&ring), 7);
	head = 2;
	check(uring_take_sqe128(&ring) == &sqes[0]);
	check_int(sqes[7].opcode, URING_OP_NOP);
	check_int(sqes[7].flags, URING_SQE_CQE_SKIP_SUCCESS);
	check_int(sqes[7].user_data, 0);
	check_int(uring_free_space(&ring), 0);
	head = 10;
	check(uring_nop128(&ring, 77) == &sqes[2]);
	check_int(sqes[2].opcode, URING_OP_NOP128);
	check_int(sqes[2].user_data, 77);
	check(uring_uring_cmd128(&ring, 78, 5, 6) == &sqes[4]);
	check_int(sqes[4].opcode, URING_OP_URING_CMD128);
	check_int(sqes[4].fd, 5);
	check_int(sqes[4].cmd_op, 6);
	ring.flags = 0;
	check(uring_take_sqe128(&ring) == NULL);
}

static void test_sqe128(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_SQE128);
	struct uring_sqe *sqe = uring_get_sqe128(ring);
	struct uring_sqe *next = uring_get_sqe128(ring);

	check_int((char *)next - (char *)sqe, 128);
	check_int(uring_submit(ring, 1, NULL), 2);
}

static void test_submit_wait_reg(void)
{
	size_t size = 4096;
	struct uring_reg_wait *waits = mmap(NULL, size, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uring *ring = open_ring_with(4, URING_SETUP_R_DISABLED | URING_SETUP_SINGLE_ISSUER |
					       URING_SETUP_DEFER_TASKRUN);
	int64_t start;

	if (getenv("URING_TEST_VALGRIND"))
		skip("valgrind takes the place in the region for an address");
	need(URING_WHAT_REGISTER, URING_REGISTER_MEM_REGION);
	check(waits != MAP_FAILED);
	check_int(uring_register_wait_region(ring, waits, size / sizeof(*waits)), 0);
	check_int(uring_enable_rings(ring), 0);
	waits[3].ts.tv_nsec = 30000000;
	waits[3].flags = URING_REG_WAIT_TS;
	start = now_ms();
	check_int(uring_submit_wait_reg(ring, 1, 3), -ETIME);
	check(now_ms() - start >= 29);
	uring_nop(ring, 1);
	check_int(uring_submit_wait_reg(ring, 1, 3), 1);
	check_int(uring_cq_ready(ring), 1);
	uring_cqe_seen(ring);
	check_int(uring_submit_wait_reg(ring, 1, size / sizeof(*waits)), -EFAULT);
}

static void test_set_iowait(void)
{
	struct uring *ring = open_ring(4);

	need(URING_WHAT_FEATURE, URING_FEAT_NO_IOWAIT);
	check_int(uring_set_iowait(ring, 0), 0);
	check_int(ring->enter_flags & URING_ENTER_NO_IOWAIT, URING_ENTER_NO_IOWAIT);
	check_int(run(ring, uring_nop(ring, 1)), 0);
	check_int(uring_set_iowait(ring, 1), 0);
	check_int(ring->enter_flags & URING_ENTER_NO_IOWAIT, 0);
	ring->features &= ~URING_FEAT_NO_IOWAIT;
	check_int(uring_set_iowait(ring, 0), -EOPNOTSUPP);
}

static void test_eventfd(void)
{
	struct uring *ring = open_ring_to_register(4);
	int fd = eventfd(0, EFD_NONBLOCK);
	uint64_t count;

	check_int(uring_register_eventfd(ring, fd), 0);
	check_int(uring_register_eventfd(ring, fd), -EBUSY);
	check_int(run(ring, uring_nop(ring, 1)), 0);
	check_int(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 5000), 1);
	check_int(read(fd, &count, 8), 8);
	check_int(uring_cq_eventfd_enabled(ring), 1);
	check_int(uring_cq_eventfd_toggle(ring, 0), 0);
	check_int(uring_cq_eventfd_enabled(ring), 0);
	check_int(run(ring, uring_nop(ring, 1)), 0);
	usleep(10000);
	check_int(read(fd, &count, 8), -1);
	check_int(uring_cq_eventfd_toggle(ring, 1), 0);
	check_int(run(ring, uring_nop(ring, 1)), 0);
	check_int(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 5000), 1);
	check_int(uring_unregister_eventfd(ring), 0);
	check_int(uring_unregister_eventfd(ring), -ENXIO);
}

static void test_eventfd_async(void)
{
	struct uring *ring = open_ring_with(4, 0);
	int fd = eventfd(0, EFD_NONBLOCK), fds[2];
	uint64_t count;
	char c = 0;

	check_int(uring_register_eventfd_async(ring, fd), 0);
	check_int(run(ring, uring_nop(ring, 1)), 0);
	check_int(read(fd, &count, 8), -1);
	check_int(pipe(fds), 0);
	uring_read(ring, 1, fds[0], &c, 1, 0)->flags |= URING_SQE_ASYNC;
	check_int(uring_submit(ring, 0, NULL), 1);
	check_int(write(fds[1], "x", 1), 1);
	check_int(next_cqe(ring).res, 1);
	check_int(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 5000), 1);
}

static void test_sq_wait(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_SQPOLL);
	unsigned done = 0;

	for (unsigned i = 0; i < 100; i++) {
		while (!uring_nop(ring, i)) {
			check(uring_submit(ring, 0, NULL) >= 0);
			check_int(uring_sq_wait(ring), 0);
			check(uring_free_space(ring) > 0);
		}
		check(uring_submit(ring, 0, NULL) >= 0);
		done += uring_copy_cqes(ring, (struct uring_cqe[4]){ { 0 } }, 4, 0, NULL);
	}
	while (done < 100) {
		int n = uring_copy_cqes(ring, (struct uring_cqe[4]){ { 0 } }, 4, 1, NULL);

		check(n > 0);
		done += n;
	}
	check_int(uring_sq_wait(open_ring_with(1, 0)), 0);
}

/* The 32-bit counters wrap around, and so do the queues. */
static void test_wrap_around(void)
{
	struct uring *ring = open_ring(4);
	struct uring_cqe cqes[8];
	uint64_t next = 0;

	for (int i = 0; i < 10000; i++) {
		int nr = 1 + i % 4, got = 0;

		/* The SQPOLL thread can complete an entry before it frees its place. */
		while (uring_free_space(ring) < 4)
			check_int(uring_sq_wait(ring), 0);
		for (int j = 0; j < nr; j++)
			check(uring_nop(ring, next + j) != NULL);
		check_int(uring_submit(ring, nr, NULL), nr);
		while (got < nr) {
			int n = uring_copy_cqes(ring, cqes, 8, 1, NULL);

			check(n > 0);
			for (int j = 0; j < n; j++)
				check_int(cqes[j].user_data, next + got + j);
			got += n;
		}
		next += nr;
	}
}

/* Waits without the kernel's timeouts, as before 5.11. */
static void test_no_ext_arg(void)
{
	struct uring *ring = open_ring_with(8, 0);
	struct uring_timespec ts = { .tv_nsec = 30000000 }, bad = { .tv_sec = -1 };
	struct uring_timespec tick = { .tv_nsec = 5000000 };
	struct uring_getevents_arg arg = { 0 };
	uint64_t none = 0;
	struct uring_cqe cqes[8];
	int64_t start = now_ms();

	ring->features &= ~URING_FEAT_EXT_ARG;
	check_int(uring_submit(ring, 1, &ts), -ETIME);
	check(now_ms() - start >= 29);
	check_int(uring_submit(ring, 1, &bad), -EINVAL);
	uring_nop(ring, 1);
	check_int(uring_submit(ring, 1, &ts), 1);
	check_int(uring_copy_cqes(ring, cqes, 8, 1, &ts), 1);
	/*
	 * Waits for two, the second of which completes later; then for two of which only one comes.
	 */
	uring_nop(ring, 1);
	uring_timeout(ring, 2, &tick, 0, 0);
	ts.tv_sec = 10;
	check_int(uring_submit(ring, 2, &ts), 2);
	check_int(uring_copy_cqes_ready(ring, cqes, 8), 2);
	ts.tv_sec = 0;
	uring_nop(ring, 1);
	start = now_ms();
	check_int(uring_submit(ring, 2, &ts), 1);
	check(now_ms() - start >= 29);
	check_int(uring_submit(ring, 2, &ts), 0);
	check_int(uring_copy_cqes_ready(ring, cqes, 8), 1);

	arg.ts = (uintptr_t)&ts;
	check_int(uring_wait(ring, 1, 0, &arg), -ETIME);
	check_int(uring_submit_wait(ring, 1, 0, &arg), -ETIME);
	arg.sigmask = (uintptr_t)&none;
	arg.sigmask_sz = 8;
	check_int(uring_wait(ring, 1, 0, &arg), -EINVAL);
	arg.ts = 0;
	uring_nop(ring, 1);
	check_int(uring_submit_wait(ring, 1, 0, &arg), 1);
	check_int(uring_wait(ring, 1, 0, &arg), 0);
	uring_cqe_seen(ring);
	arg.min_wait_usec = 1;
	check_int(uring_wait(ring, 1, 0, &arg), -EINVAL);

	/* Arguments that the kernel cannot wait with are never passed to it. */
	uring_nop(ring, 1);
	check_int(uring_submit_wait(ring, 1, 0, &arg), -EINVAL);
	check_int(uring_submit_wait_reg(ring, 1, 0), -EINVAL);
	ring->features = (ring->features | URING_FEAT_EXT_ARG) & ~URING_FEAT_MIN_TIMEOUT;
	check_int(uring_wait(ring, 1, 0, &arg), -EINVAL);
	check_int(uring_submit_wait(ring, 1, 0, &arg), -EINVAL);
	check_int(ring->sq.sqe_tail - *ring->sq.tail, 1);
}

static const struct test tests[] = {
	{ "uring_get_sqe, uring_free_space, uring_sq_ready", test_get_sqe },
	{ "uring_get_sqe clears 128 bytes, uring_take_sqe 64", test_get_sqe_clears },
	{ "uring_flush_sq, uring_enter", test_flush_sq },
	{ "uring_sq_ring_needs_enter", test_needs_enter },
	{ "uring_submit", test_submit },
	{ "uring_submit stops at a bad entry", test_submit_stops },
	{ "uring_submit, interrupted", test_submit_interrupted },
	{ "uring_copy_cqes, uring_copy_cqes_ready", test_copy_cqes },
	{ "uring_cq_ready, uring_cqe_at, uring_cqe_seen, uring_cq_advance", test_advance },
	{ "uring_cq_ring_needs_flush, uring_cq_has_overflow", test_overflow },
	{ "uring_get_events", test_get_events },
	{ "uring_copy_cqes, deferred completions", test_copy_deferred },
	{ "uring_submit_wait", test_submit_wait },
	{ "uring_wait, uring_peek_cqe, uring_peek_cqes", test_wait },
	{ "uring_wait, interrupted", test_wait_interrupted },
	{ "uring_peek_cqes, deferred completions", test_peek_held_back },
	{ "uring_peek_cqe, uring_peek_cqes, URING_SETUP_CQE_MIXED", test_peek_mixed },
	{ "uring_take_sqe128, uring_get_sqe128, URING_SETUP_SQE_MIXED", test_sqe128_mixed },
	{ "uring_take_sqe128, uring_get_sqe128, URING_SETUP_SQE128", test_sqe128 },
	{ "uring_submit_wait_reg, uring_register_wait_region", test_submit_wait_reg },
	{ "uring_set_iowait", test_set_iowait },
	{ "uring_register_eventfd, uring_cq_eventfd_toggle, _enabled", test_eventfd },
	{ "uring_register_eventfd_async", test_eventfd_async },
	{ "uring_sq_wait", test_sq_wait },
	{ "the queues wrap around", test_wrap_around },
	{ "waits before 5.11", test_no_ext_arg },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}

/* SPDX-License-Identifier: MIT */
/*
 * Ends waits. A helper thread acts only after it has seen the calling thread asleep several times
 * while the process used no CPU time. So a loaded machine does not change the result of a case, and
 * a case that should not wait never gets help.
 */
#include "differential.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { IDLE, ARMED, ACTING, PHASES };
enum { TICK_US = 300, TICKS_ASLEEP = 3, QUIET_NS = 20000 };

/* Shared with forked children, whose calls the parent's helper watches. */
struct job {
	atomic_ulong state;	/* serial * PHASES + phase: identifies a wait */
	atomic_uint rounds;
	atomic_bool over;	/* the call has returned */
	bool bulk;
	act_fn *act;
	struct object *object;
};

static struct job *job;
static int stat_fd = -1;
static clockid_t watched_clock;
static bool watches_itself;

void helper_init(void)
{
	job = mmap(NULL, sizeof(*job), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job == MAP_FAILED)
		abort();
}

void helper_watch(pid_t pid, pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	stat_fd = raw_open(path, O_RDONLY | O_CLOEXEC, 0);
	watches_itself = pid == getpid();
	if (clock_getcpuclockid(pid, &watched_clock) != 0)
		watched_clock = CLOCK_PROCESS_CPUTIME_ID;
}

void helper_unwatch(void)
{
	raw_close(stat_fd);
	stat_fd = -1;
}

static bool caller_asleep(void)
{
	char text[256], *paren;
	long n = raw_pread(stat_fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	paren = strrchr(text, ')');
	return paren && paren[1] == ' ' && paren[2] == 'S';
}

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts = { 0, 0 };

	raw3(SYS_clock_gettime, id, (long)&ts, 0);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Returns the CPU time of the process that makes the call, without the helper's own. */
static int64_t time_used(void)
{
	int64_t used = clock_ns(watched_clock);

	return watches_itself ? used - clock_ns(CLOCK_THREAD_CPUTIME_ID) : used;
}

static void act_once(unsigned long armed)
{
	unsigned long expected = armed;
	unsigned int round;

	if (!atomic_compare_exchange_strong(&job->state, &expected, armed - ARMED + ACTING))
		return;
	round = atomic_fetch_add(&job->rounds, 1);
	job->act(job->object, round);
	atomic_store(&job->state, armed);
}

static void *helper_main(void *unused)
{
	unsigned long before = 0;
	unsigned int asleep = 0;
	int64_t used_before = 0;

	for (;;) {
		unsigned long state;
		int64_t used;

		raw_sleep_us(TICK_US);
		state = atomic_load(&job->state);
		if (state % PHASES != ARMED || state != before) {
			before = state;
			asleep = 0;
			continue;
		}
		used = time_used();
		if (!caller_asleep() || used - used_before > QUIET_NS) {
			asleep = 0;
			used_before = used;
			continue;
		}
		used_before = used;
		if (++asleep < TICKS_ASLEEP)
			continue;
		asleep = 0;
		act_once(state);
	}
	return NULL;
}

void helper_start(void)
{
	pthread_t thread;
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	if (pthread_create(&thread, NULL, helper_main, NULL) != 0)
		abort();
	pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void helper_arm(struct object *o, act_fn *act, bool bulk)
{
	unsigned long serial = atomic_load(&job->state) / PHASES + 1;

	job->object = o;
	job->act = act;
	job->bulk = bulk;
	atomic_store(&job->rounds, 0);
	atomic_store(&job->over, false);
	atomic_store(&job->state, serial * PHASES + (act ? ARMED : IDLE));
}

/* Stops the helper. Returns how often it had to act. */
unsigned int helper_disarm(void)
{
	unsigned long state = atomic_load(&job->state);

	atomic_store(&job->over, true);
	while (state % PHASES != IDLE) {
		unsigned long armed = state - state % PHASES + ARMED;

		state = armed;
		if (atomic_compare_exchange_strong(&job->state, &state, armed - ARMED + IDLE))
			break;
		raw3(SYS_sched_yield, 0, 0, 0);
	}
	return atomic_load(&job->rounds);
}

bool helper_call_over(void)
{
	return atomic_load(&job->over);
}

bool helper_is_bulk(void)
{
	return job->bulk;
}

/* Waits until the fed data arrives, so that the reader is not fed twice. */
void let_arrive(struct object *o, int ms)
{
	while (ms-- > 0 && !helper_call_over() && !raw_poll(o->fd, POLLIN, 0))
		raw_sleep_us(1000);
}

static long feed_once(struct object *o, const char *data, size_t len)
{
	return o->peer_is_sock ? raw_send(o->peer, data, len, MSG_DONTWAIT)
			       : raw_write(o->peer, data, len);
}

/* Feeds as much as the reader takes, in one unbroken pattern. */
static void feed_bulk(struct object *o)
{
	enum { PERIOD = 26 * 26 };
	static char chunk[65536 + PERIOD];
	uint64_t fed = 0;

	pattern(chunk, sizeof(chunk), 3);
	while (!helper_call_over()) {
		long n = feed_once(o, chunk + fed % PERIOD, 65536);

		if (n > 0)
			fed += n;
		else if (n == -EAGAIN)
			raw_sleep_us(50);
		else
			return;
	}
}

/* Feeds the reader some data. */
void act_feed(struct object *o, unsigned int round)
{
	char data[FEED];

	if (helper_is_bulk()) {
		feed_bulk(o);
		return;
	}
	pattern(data, sizeof(data), 3 + round);
	feed_once(o, data, sizeof(data));
	if (o->family == AF_INET || o->family == AF_INET6)
		let_arrive(o, 5);
}

void act_drain(struct object *o, unsigned int round)
{
	do {
		peer_drain(o);
		if (helper_is_bulk())
			raw_sleep_us(20);
	} while (helper_is_bulk() && !helper_call_over());
}

void act_close_peer(struct object *o, unsigned int round)
{
	if (o->peer >= 0)
		raw_close(o->peer);
	o->peer = -1;
}

void act_feed_then_close(struct object *o, unsigned int round)
{
	if (round == 0)
		act_feed(o, round);
	else
		act_close_peer(o, round);
}

void act_shut_own(struct object *o, unsigned int round)
{
	raw_shutdown(o->fd, SHUT_RDWR);
}

void act_shut_peer(struct object *o, unsigned int round)
{
	raw_shutdown(o->peer, SHUT_WR);
}

void act_reset_peer(struct object *o, unsigned int round)
{
	struct linger l = { 1, 0 };

	raw_setsockopt(o->peer, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	act_close_peer(o, round);
}

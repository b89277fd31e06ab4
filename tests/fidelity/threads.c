/* SPDX-License-Identifier: MIT */
/*
 * Tests threads: how they exit, how many there are, and what they leave behind. FID_THREADS and
 * FID_SHORT_THREADS set how many run at once and how many in turn.
 */
#include "waiting-calls.h"
#include "work-steps.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *dso);
extern void *__dso_handle;

static int setting(const char *name, int usual)
{
	const char *text = getenv(name);

	return text && atoi(text) > 0 ? atoi(text) : usual;
}

/* Resources that a process holds. */
struct holding {
	long maps, rss, descriptors;
};

static struct holding look(void)
{
	static char text[1 << 20];
	struct holding h = { 0, 0, 0 };
	long fd, n, got = 0;
	char *p;

	fd = fid_sys4(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY, 0);
	while ((n = fid_sys3(SYS_read, fd, text, sizeof(text))) > 0)
		for (long i = 0; i < n; i++)
			h.maps += text[i] == '\n';
	fid_sys1(SYS_close, fd);
	fd = fid_sys4(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY, 0);
	got = fid_sys3(SYS_read, fd, text, sizeof(text) - 1);
	fid_sys1(SYS_close, fd);
	text[got > 0 ? got : 0] = '\0';
	p = strstr(text, "VmRSS:");
	h.rss = p ? atol(p + 6) : 0;
	for (fd = 0; fd < 4096; fd++)
		h.descriptors += fid_sys2(SYS_fcntl, fd, F_GETFD) >= 0;
	return h;
}

static void say_growth(struct holding before, struct holding after)
{
	if (after.maps - before.maps >= 20)
		fid_say("mappings grew by %ld", after.maps - before.maps);
	if (after.rss - before.rss >= 4096)
		fid_say("memory grew by %ld KiB", after.rss - before.rss);
	fid_say("descriptors grew by %ld", after.descriptors - before.descriptors);
}

/* Destructors */

static pthread_key_t key;

static void on_key(void *value)
{
	long round = (long)value;

	say_ok("destructor: pipe", pipe_works());
	say_ok("socket", socket_works());
	/* Runs again in the next round, after all other destructors. */
	if (round < PTHREAD_DESTRUCTOR_ITERATIONS)
		pthread_setspecific(key, (void *)(round + 1));
}

static void *with_key(void *arg)
{
	if (arg)
		say_ok("pipe", pipe_works());
	pthread_setspecific(key, (void *)1);
	return NULL;
}

static void tsd(const void *arg)
{
	pthread_key_create(&key, on_key);
	pthread_join(start(with_key, (void *)arg), NULL);
	say_ok("main pipe", pipe_works());
}

static void *key_after_use(void *arg)
{
	say_ok("pipe", pipe_works());
	pthread_key_create(&key, on_key);
	pthread_setspecific(key, (void *)1);
	pthread_exit(NULL);
}

static void tsd_late(const void *arg)
{
	pthread_join(start(key_after_use, NULL), NULL);
	say_ok("main pipe", pipe_works());
}

static void on_object(void *object)
{
	say_ok(object, pipe_works() && socket_works());
}

static void *with_object(void *arg)
{
	__cxa_thread_atexit_impl(on_object, (void *)"thread object", &__dso_handle);
	say_ok("pipe", pipe_works());
	__cxa_thread_atexit_impl(on_object, (void *)"thread object after use", &__dso_handle);
	pthread_setspecific(key, (void *)3);
	return NULL;
}

static void objects(const void *arg)
{
	pthread_key_create(&key, on_key);
	pthread_join(start(with_object, NULL), NULL);
	__cxa_thread_atexit_impl(on_object, (void *)"main object", &__dso_handle);
}

static int wait_pipe[2];

static void *cancelled_body(void *arg)
{
	char c;

	pthread_setspecific(key, (void *)3);
	(void)!read(wait_pipe[0], &c, 1);
	return NULL;
}

static void tsd_cancelled(const void *arg)
{
	pthread_t thread;

	if (pipe(wait_pipe))
		return;
	pthread_key_create(&key, on_key);
	thread = start(cancelled_body, NULL);
	fid_sleep_us(5000);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
}

/* Many threads, at once and in turn */

static pthread_barrier_t barrier;
static atomic_int good;

static void *one_of_many(void *arg)
{
	pthread_barrier_wait(&barrier);
	good += pipe_works() && socket_works();
	pthread_barrier_wait(&barrier);
	good += pipe_works();
	return NULL;
}

static void at_once(const void *arg)
{
	int count = setting("FID_THREADS", 1000);
	pthread_t *threads = calloc(count, sizeof(*threads));
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * 1024);
	pthread_barrier_init(&barrier, NULL, count);
	for (int i = 0; i < count; i++) {
		errno = pthread_create(&threads[i], &attr, one_of_many, NULL);
		if (errno)
			fid_die("pthread_create");
	}
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	fid_say("%s", good == 2 * count ? "all did their I/O" : "SOME FAILED");
}

static int zero_fd, short_pipe[2];

static void *one_call(void *arg)
{
	char c = 1;

	good += read(zero_fd, &c, 1) == 1 && c == 0;
	return NULL;
}

static void *one_write(void *arg)
{
	good += write(short_pipe[1], "x", 1) == 1;
	return NULL;
}

static void many_short(void *(*body)(void *), int count)
{
	pthread_t threads[8];

	for (int done = 0; done < count; done += 8) {
		for (int i = 0; i < 8; i++)
			threads[i] = start(body, NULL);
		for (int i = 0; i < 8; i++)
			pthread_join(threads[i], NULL);
	}
}

static void in_turn(const void *arg)
{
	int count = setting("FID_SHORT_THREADS", 100000) / 8 * 8;
	struct holding before;

	zero_fd = open("/dev/zero", O_RDONLY);
	many_short(one_call, 800);
	before = look();
	good = 0;
	many_short(one_call, count);
	fid_say("%s", good == count ? "all" : "SOME FAILED");
	say_growth(before, look());
}

static void in_turn_pipe(const void *arg)
{
	int count = setting("FID_SHORT_THREADS", 100000) / 8 * 8;
	char in[1000];
	struct holding before;

	if (pipe(short_pipe))
		return;
	count = count > 20000 ? 20000 : count;
	many_short(one_write, 800);
	(void)!read(short_pipe[0], in, 800);
	before = look();
	good = 0;
	for (int done = 0; done < count; done += 400) {
		many_short(one_write, 400);
		if (read(short_pipe[0], in, 400) != 400)
			fid_say("short");
	}
	fid_say("%s", good == count ? "all" : "SOME FAILED");
	say_growth(before, look());
}

static void *waits(void *arg)
{
	char c;

	(void)!read(wait_pipe[0], &c, 1);
	return NULL;
}

static void *accepts(void *arg)
{
	return (void *)(long)accept(wait_pipe[0], NULL, NULL);
}

static void cancel_rounds(void *(*body)(void *), int rounds, int *cancelled)
{
	for (int i = 0; i < rounds; i++) {
		pthread_t threads[8];
		void *result;

		for (int j = 0; j < 8; j++)
			threads[j] = start(body, NULL);
		if (i % 2)
			fid_sleep_us(300);
		for (int j = 0; j < 8; j++)
			pthread_cancel(threads[j]);
		for (int j = 0; j < 8; j++) {
			pthread_join(threads[j], &result);
			*cancelled += result == PTHREAD_CANCELED;
		}
	}
}

static void cancel_loop(const void *arg)
{
	int rounds = setting("FID_SHORT_THREADS", 100000) / 400, cancelled = 0;
	struct holding before;
	char in[8] = "";

	if (arg) {
		wait_pipe[0] = socket(AF_UNIX, SOCK_STREAM, 0);
		bind(wait_pipe[0], &(struct sockaddr){ AF_UNIX, "l" }, 5);
		listen(wait_pipe[0], 5);
	} else if (pipe(wait_pipe)) {
		return;
	}
	cancel_rounds(arg ? accepts : waits, 20, &cancelled);
	before = look();
	cancelled = 0;
	cancel_rounds(arg ? accepts : waits, rounds, &cancelled);
	fid_say("%s", cancelled == rounds * 8 ? "all cancelled" : "SOME WERE NOT");
	say_growth(before, look());
	if (arg)
		return;
	say_ok("data", write(wait_pipe[1], "kept", 4) == 4 && read(wait_pipe[0], in, 8) == 4 &&
		!strcmp(in, "kept"));
}

static void *small(void *arg)
{
	say_ok("pipe", pipe_works());
	say_ok("socket", socket_works());
	return NULL;
}

static void small_stack(const void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN);
	errno = pthread_create(&thread, &attr, small, NULL);
	if (errno)
		fid_die("pthread_create");
	pthread_join(thread, NULL);
}

static void *detached(void *arg)
{
	pthread_detach(pthread_self());
	good += pipe_works();
	return NULL;
}

static void detached_threads(const void *arg)
{
	for (int i = 0; i < 200; i++)
		start(detached, NULL);
	fid_until(&good, 200);
	fid_say("200");
}

/* Exits of the process */

static void wait_in_calls(int count)
{
	if (pipe(wait_pipe))
		fid_die("pipe");
	for (int i = 0; i < count; i++)
		start(waits, NULL);
	fid_sleep_us(10000);
}

static void at_exit_io(void)
{
	say_ok("at exit: pipe", pipe_works());
}

static void exit_with_waiters(const void *arg)
{
	atexit(at_exit_io);
	wait_in_calls(8);
	exit(3);
}

static void return_with_waiters(const void *arg)
{
	atexit(at_exit_io);
	wait_in_calls(8);
}

static void _exit_with_waiters(const void *arg)
{
	wait_in_calls(8);
	_exit(4);
}

static void *exits(void *arg)
{
	say_ok("pipe", pipe_works());
	exit(5);
}

static void exit_in_thread(const void *arg)
{
	char c;

	atexit(at_exit_io);
	if (pipe(wait_pipe))
		return;
	start(exits, NULL);
	(void)!read(wait_pipe[0], &c, 1);
}

static void *goes_on(void *arg)
{
	pthread_join(*(pthread_t *)arg, NULL);
	say_ok("after main: pipe", pipe_works());
	say_ok("socket", socket_works());
	return NULL;
}

static void main_leaves(const void *arg)
{
	static pthread_t self;

	self = pthread_self();
	say_ok("pipe", pipe_works());
	atexit(at_exit_io);
	start(goes_on, &self);
	pthread_exit(NULL);
}

static void *executes(void *arg)
{
	say_ok("pipe", pipe_works());
	execl("/bin/sh", "sh", "-c", "echo x | cat > /dev/null; exit 6", NULL);
	return NULL;
}

static void exec_in_thread(const void *arg)
{
	char c;

	wait_in_calls(4);
	start(executes, NULL);
	(void)!read(wait_pipe[0], &c, 1);
}

/* Several threads on one descriptor */

static int pair[2];
static atomic_int total, ended;

static void *takes(void *arg)
{
	char in[8];
	long n;

	while ((n = recv(pair[0], in, 4, 0)) > 0)
		total += n;
	ended++;
	return NULL;
}

static void share_socket(const void *arg)
{
	pthread_t threads[4];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return;
	for (int i = 0; i < 4; i++)
		threads[i] = start(takes, NULL);
	for (int i = 0; i < 100; i++)
		(void)!send(pair[1], "four", 4, 0);
	shutdown(pair[1], SHUT_WR);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	fid_say("bytes %d, ended %d", total, ended);
}

static atomic_int tid, over;
static volatile bool interrupted;
static long acted;	/* return value of the other thread's call */
static struct io io;

static void *calls(void *arg)
{
	long result;

	tid = fid_gettid();
	while ((result = io.kind->call(&io)) == -EINTR)
		interrupted = true;
	over = 1;
	return (void *)result;
}

static void *serve(void *arg)
{
	io.kind->release(&io);
	return NULL;
}

/* One thread waits while another makes a call that affects it. */
static void meanwhile(const char *kind, void (*act)(void))
{
	pthread_t thread, server;
	static struct traffic traffic;
	void *result;

	signal(SIGPIPE, SIG_IGN);
	kind_setup(kind_find(kind), &io, &traffic);
	thread = start(calls, NULL);
	fid_until(&tid, 1);
	fid_asleep(getpid(), tid, &over);
	act();
	fid_asleep(getpid(), tid, &over);
	server = start(serve, NULL);
	pthread_join(thread, &result);
	kind_finish(&io);
	pthread_join(server, NULL);
	fid_say("%ld%s", acted, interrupted ? "; interrupted" : "");
	kind_say(&io, (long)result);
}

static void act_close(void) { close(io.fd); }
static void act_shutdown(void) { acted = shutdown(io.fd, SHUT_RDWR); }

static void act_dup2(void)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, io.fd);
}

static void act_setuid(void)
{
	acted = setgid(getgid()) + setuid(getuid());
}

static void act_nonblock(void)
{
	fcntl(io.fd, F_SETFL, O_NONBLOCK);
}

struct meeting {
	const char *kind;
	void (*act)(void);
};

static void run_meeting(const void *arg)
{
	const struct meeting *m = arg;

	meanwhile(m->kind, m->act);
}

static const struct meeting meetings[] = {
	{ "read-pipe", act_close }, { "recv-unix", act_close }, { "accept-tcp", act_close },
	{ "write-pipe", act_close }, { "read-pipe", act_dup2 }, { "recv-tcp", act_dup2 },
	{ "recv-unix", act_shutdown }, { "recv-tcp", act_shutdown }, { "accept-tcp", act_shutdown },
	{ "accept-unix", act_shutdown }, { "recv-udp", act_shutdown },
	{ "read-pipe", act_setuid }, { "accept-tcp", act_setuid }, { "write-unix", act_setuid },
	{ "recv-unix-timeo", act_setuid }, { "connect-unix", act_setuid },
	{ "read-pipe", act_nonblock }, { "recv-tcp", act_nonblock },
};

static void on_tick(union sigval value)
{
	if (good < 5)
		good += pipe_works() && socket_works();
}

static void timer_threads(const void *arg)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD };
	struct itimerspec every = { { 0, 2000000 }, { 0, 2000000 } };
	timer_t timer;

	event.sigev_notify_function = on_tick;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer))
		fid_die("timer_create");
	timer_settime(timer, 0, &every, NULL);
	fid_until(&good, 5);
	timer_delete(timer);
	fid_say("5");
}

static const int first_use = 1;

static const struct fid_case cases[] = {
	{ "tsd", tsd, NULL, FID_RING, 0 },
	{ "tsd-after-use", tsd, &first_use, FID_RING, 0 },
	{ "tsd-late-key", tsd_late, NULL, FID_RING, 0 },
	{ "tsd-cancelled", tsd_cancelled, NULL, FID_RING, 0 },
	{ "thread-objects", objects, NULL, FID_RING, 0 },
	{ "at-once", at_once, NULL, FID_RING, 60 },
	{ "in-turn", in_turn, NULL, FID_RING, 300 },
	{ "in-turn-pipe", in_turn_pipe, NULL, FID_RING, 300 },
	{ "cancel-loop-read", cancel_loop, NULL, FID_RING, 60 },
	{ "cancel-loop-accept", cancel_loop, &first_use, FID_RING, 60 },
	{ "small-stack", small_stack, NULL, FID_RING, 0 },
	{ "detached", detached_threads, NULL, FID_RING, 0 },
	{ "exit-with-waiters", exit_with_waiters, NULL, FID_RING, 0 },
	{ "return-with-waiters", return_with_waiters, NULL, FID_RING, 0 },
	{ "_exit-with-waiters", _exit_with_waiters, NULL, FID_RING, 0 },
	{ "exit-in-thread", exit_in_thread, NULL, FID_RING, 0 },
	{ "main-leaves", main_leaves, NULL, FID_RING, 0 },
	{ "exec-in-thread", exec_in_thread, NULL, FID_RING, 0 },
	{ "share-socket", share_socket, NULL, FID_RING, 0 },
	{ "timer-threads", timer_threads, NULL, FID_RING, 0 },
	{ "close/read-pipe", run_meeting, &meetings[0], FID_RING, 0 },
	{ "close/recv-unix", run_meeting, &meetings[1], FID_RING, 0 },
	{ "close/accept-tcp", run_meeting, &meetings[2], FID_RING, 0 },
	{ "close/write-pipe", run_meeting, &meetings[3], FID_RING, 0 },
	{ "dup2/read-pipe", run_meeting, &meetings[4], FID_RING, 0 },
	{ "dup2/recv-tcp", run_meeting, &meetings[5], FID_RING, 0 },
	{ "shutdown/recv-unix", run_meeting, &meetings[6], FID_RING, 0 },
	{ "shutdown/recv-tcp", run_meeting, &meetings[7], FID_RING, 0 },
	{ "shutdown/accept-tcp", run_meeting, &meetings[8], FID_RING, 0 },
	{ "shutdown/accept-unix", run_meeting, &meetings[9], FID_RING, 0 },
	{ "shutdown/recv-udp", run_meeting, &meetings[10], FID_RING, 0 },
	{ "setuid/read-pipe", run_meeting, &meetings[11], FID_RING, 0 },
	{ "setuid/accept-tcp", run_meeting, &meetings[12], FID_RING, 0 },
	{ "setuid/write-unix", run_meeting, &meetings[13], FID_RING, 0 },
	{ "setuid/recv-unix-timeo", run_meeting, &meetings[14], 0, 0 },
	{ "setuid/connect-unix", run_meeting, &meetings[15], FID_RING, 0 },
	{ "nonblock/read-pipe", run_meeting, &meetings[16], FID_RING, 0 },
	{ "nonblock/recv-tcp", run_meeting, &meetings[17], FID_RING, 0 },
};

int main(int argc, char **argv)
{
	return fid_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}

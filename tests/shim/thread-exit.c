/* SPDX-License-Identifier: MIT */
/*
 * A thread waits in each possible way while another thread ends the process, tries to, or installs
 * a filter. The library then cancels the operations in flight, but to the program the call goes on:
 * it neither returns early nor waits too long, and after exit no thread returns at all. Prints the
 * same natively and by ring.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MS = 100, BIG = 1 << 20 };

static int one[2], pair[2], datagrams[2], channel;
static char big[BIG];
/* The process is about to exit. */
static volatile bool leaves;

static long wait_sleep(void) { return sleep(1); }
static long wait_usleep(void) { return usleep(10 * STEP_MS * 1000); }
static const struct timespec ten_steps = { 1, 0 };
static long wait_nanosleep(void) { return nanosleep(&ten_steps, NULL); }

static long wait_until(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	at.tv_sec++;
	return clock_nanosleep(clock, TIMER_ABSTIME, &at, NULL);
}

static long wait_monotonic(void) { return wait_until(CLOCK_MONOTONIC); }
static long wait_realtime(void) { return wait_until(CLOCK_REALTIME); }

static long wait_poll(void)
{
	struct pollfd fds[2] = { { one[0], POLLIN, 0 }, { pair[0], POLLIN, 0 } };

	return poll(fds, 2, 10 * STEP_MS);
}

static long wait_ppoll(void)
{
	struct pollfd fd = { one[0], POLLIN, 0 };

	return ppoll(&fd, 1, &ten_steps, NULL);
}

static long wait_select(void)
{
	struct timeval time = { 1, 0 };
	fd_set in;

	FD_ZERO(&in);
	FD_SET(one[0], &in);
	return select(one[0] + 1, &in, NULL, NULL, &time) * 10 + (time.tv_sec || time.tv_usec);
}

static long wait_pselect(void)
{
	fd_set in;

	FD_ZERO(&in);
	FD_SET(one[0], &in);
	return pselect(one[0] + 1, &in, NULL, NULL, &ten_steps, NULL);
}

static long wait_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(channel, &event, 1, 10 * STEP_MS);
}

/* Each waiting call gets help after ten steps from here. */
static long wait_read(void) { return read(one[0], big, 1); }
static long wait_recv(void) { return recv(pair[0], big, 1, 0); }
static long wait_write(void) { return write(one[1], big, BIG); }
static long wait_send(void) { return send(pair[0], big, BIG, 0); }

static long wait_sendmsg(void)
{
	struct iovec iov[2] = { { big, BIG / 2 }, { big, BIG / 2 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	return sendmsg(pair[0], &msg, 0);
}

static long wait_recvmmsg(void)
{
	struct iovec iov = { big, 1 };
	struct mmsghdr msgs[2] = {
		{ .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } },
	};

	if (send(datagrams[1], big, 1, 0) != 1)
		exit(2);
	return recvmmsg(datagrams[0], msgs, 2, 0, NULL);
}

/* Its child exits after ten steps. */
static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid) {
		syscall(SYS_nanosleep, &ten_steps, NULL);
		_exit(3);
	}
	return pid;
}

static long wait_child(void) { return wait(NULL) > 0; }

static const struct way {
	const char *name;
	long (*wait)(void);
	char help;		/* helper: 'w' writes, 'r' reads, 'c' is a child */
} ways[] = {
	{ "sleep", wait_sleep, 0 }, { "usleep", wait_usleep, 0 }, { "nanosleep", wait_nanosleep, 0 },
	{ "clock_nanosleep, absolute", wait_monotonic, 0 },
	{ "clock_nanosleep, absolute, CLOCK_REALTIME", wait_realtime, 0 },
	{ "poll", wait_poll, 0 }, { "ppoll", wait_ppoll, 0 }, { "select", wait_select, 0 },
	{ "pselect", wait_pselect, 0 }, { "epoll_wait", wait_epoll, 0 }, { "read", wait_read, 'w' },
	{ "recv", wait_recv, 'w' }, { "recvmmsg, one came", wait_recvmmsg, 'w' },
	{ "write, partly done", wait_write, 'r' },
	{ "send, partly done", wait_send, 'r' }, { "sendmsg, partly done", wait_sendmsg, 'r' },
	{ "wait", wait_child, 'c' },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* The helper's ten steps start here, also if a busy machine starts the waiting thread late. */
static double help_began;

static void *waiter(void *arg)
{
	const struct way *way = arg;
	double began = way->help ? help_began : now_ms();
	long res;
	int err;

	errno = 0;
	res = way->wait();
	err = errno;
	if (leaves)
		syscall(SYS_exit_group, 9);
	printf("  %s: %ld %s%s\n", way->name, res, err ? strerrorname_np(err) : "-",
	       now_ms() - began < 8 * STEP_MS ? " too early" : "");
	return NULL;
}

/* Reads all data until nobody writes. */
static void drain(void)
{
	struct pollfd fds[2] = { { one[0], POLLIN, 0 }, { pair[1], POLLIN, 0 } };
	char buf[4096];

	while (poll(fds, 2, -1) > 0)
		if (read(fds[0].revents ? one[0] : pair[1], buf, sizeof(buf)) <= 0)
			return;
}

/* Provides the waiter's data after ten steps. */
static void help(char how)
{
	if (fork())
		return;
	syscall(SYS_nanosleep, &ten_steps, NULL);
	if (how == 'w' && write(one[1], "x", 1) + send(pair[1], "x", 1, 0) +
			  send(datagrams[1], "x", 1, 0) != 3)
		_exit(2);
	close(one[1]);
	close(pair[0]);
	if (how == 'r')
		drain();
	_exit(0);
}

static void make_all(void)
{
	struct epoll_event event = { EPOLLIN, { 0 } };

	channel = epoll_create1(0);
	if (pipe(one) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams) ||
	    epoll_ctl(channel, EPOLL_CTL_ADD, one[0], &event))
		exit(2);
}

static void filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		exit(2);
}

static void fail_to_leave(void) { execl("/nowhere/nothing", "nothing", NULL); }

static void leave_by_exit(void)
{
	leaves = true;
	exit(0);
}

static void leave_at_once(void)
{
	leaves = true;
	_exit(0);
}

/* A destructor of the program can take long, and the library's can have run before it. */
static void last(void) { syscall(SYS_nanosleep, &(struct timespec){ 0, 50000000 }, NULL); }

static void leave_slowly(void)
{
	atexit(last);
	leave_by_exit();
}

static const struct { const char *name; void (*leave)(void); } ends[] = {
	{ "exec of a program that does not exist", fail_to_leave },
	{ "a filter is installed", filter },
	{ "exit", leave_by_exit },
	{ "exit, with a slow exit handler", leave_slowly },
	{ "_exit", leave_at_once },
};

static void run(const struct way *way, void (*leave)(void))
{
	pthread_t thread;
	pid_t child = 0;

	make_all();
	help_began = now_ms();
	if (way->help == 'c')
		child = sleeper();
	else if (way->help)
		help(way->help);
	pthread_create(&thread, NULL, waiter, (void *)way);
	syscall(SYS_nanosleep, &(struct timespec){ 0, 3 * STEP_MS * 1000000 }, NULL);
	leave();
	pthread_join(thread, NULL);
	exit(child < 0);
}

/* Runs all ways at once, each in its own process. */
static void run_all(void (*leave)(void))
{
	pid_t pids[WAYS];
	FILE *said[WAYS];
	char line[256];
	int status;

	for (size_t i = 0; i < WAYS; i++) {
		said[i] = tmpfile();
		pids[i] = fork();
		if (!pids[i]) {
			dup2(fileno(said[i]), 1);
			run(&ways[i], leave);
		}
	}
	for (size_t i = 0; i < WAYS; i++) {
		waitpid(pids[i], &status, 0);
		rewind(said[i]);
		while (fgets(line, sizeof(line), said[i]))
			printf("%s", line);
		if (status)
			printf("  %s: ended with %x\n", ways[i].name, status);
		fclose(said[i]);
	}
	fflush(stdout);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		printf("%s:\n", ends[i].name);
		fflush(stdout);
		run_all(ends[i].leave);
	}
	return 0;
}

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
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
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

static int one[2], pair[2], stream[2], datagrams[2], channel;
static char big[BIG];
/* The process is about to exit. */
static volatile bool leaves;

/* How long a wait lasts. Longer than the process if that exits, also on a busy machine. */
static struct timespec length = { 10 * STEP_MS / 1000, 0 };

static long wait_sleep(void) { return sleep(length.tv_sec); }
static long wait_usleep(void) { return usleep(length.tv_sec * 1000000); }
static long wait_nanosleep(void) { return nanosleep(&length, NULL); }

static long wait_until(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	at.tv_sec += length.tv_sec;
	return clock_nanosleep(clock, TIMER_ABSTIME, &at, NULL);
}

static long wait_monotonic(void) { return wait_until(CLOCK_MONOTONIC); }
static long wait_realtime(void) { return wait_until(CLOCK_REALTIME); }

static long wait_poll(void)
{
	struct pollfd fds[2] = { { one[0], POLLIN, 0 }, { pair[0], POLLIN, 0 } };

	return poll(fds, 2, length.tv_sec * 1000);
}

static long wait_ppoll(void)
{
	struct pollfd fd = { one[0], POLLIN, 0 };

	return ppoll(&fd, 1, &length, NULL);
}

static long wait_select(void)
{
	struct timeval time = { length.tv_sec, 0 };
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
	return pselect(one[0] + 1, &in, NULL, NULL, &length, NULL);
}

static long wait_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(channel, &event, 1, length.tv_sec * 1000);
}

/* Each waiting call gets help after that time from here. */
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

static long wait_stream(void) { return send(stream[0], big, BIG, 0); }

/* Returns how much of both messages was sent. */
static long wait_sendmmsg(void)
{
	struct iovec iov = { big, BIG / 2 };
	struct mmsghdr msgs[2] = {
		{ .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } },
	};
	int sent = sendmmsg(stream[0], msgs, 2, 0);

	return sent == 2 ? (long)msgs[0].msg_len + msgs[1].msg_len : sent;
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

/* Its child exits after that time. */
static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid) {
		syscall(SYS_nanosleep, &length, NULL);
		_exit(3);
	}
	return pid;
}

static long wait_child(void) { return wait(NULL) > 0; }

static const struct way {
	const char *name;
	long (*wait)(void);
	char help;		/* helper: 'w' writes, 'r' reads, 'p' reads a part before, 'c' is a child */
} ways[] = {
	{ "sleep", wait_sleep, 0 }, { "usleep", wait_usleep, 0 }, { "nanosleep", wait_nanosleep, 0 },
	{ "clock_nanosleep, absolute", wait_monotonic, 0 },
	{ "clock_nanosleep, absolute, CLOCK_REALTIME", wait_realtime, 0 },
	{ "poll", wait_poll, 0 }, { "ppoll", wait_ppoll, 0 }, { "select", wait_select, 0 },
	{ "pselect", wait_pselect, 0 }, { "epoll_wait", wait_epoll, 0 }, { "read", wait_read, 'w' },
	{ "recv", wait_recv, 'w' }, { "recvmmsg, one came", wait_recvmmsg, 'w' },
	{ "write, partly done", wait_write, 'r' },
	{ "send, partly done", wait_send, 'r' }, { "sendmsg, partly done", wait_sendmsg, 'r' },
	{ "send, going on", wait_send, 'p' }, { "sendmsg, going on", wait_sendmsg, 'p' },
	{ "send by TCP, going on", wait_stream, 'p' },
	{ "sendmmsg by TCP, going on", wait_sendmmsg, 'p' },
	{ "wait", wait_child, 'c' },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* The helper's time starts here, also if a busy machine starts the waiting thread late. */
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

/* Reads so much data, or until nobody writes. */
static void drain(size_t most)
{
	struct pollfd fds[3] = { { one[0], POLLIN, 0 }, { pair[1], POLLIN, 0 }, { stream[1], POLLIN, 0 } };
	size_t total = 0;
	char buf[4096];

	while (total < most && poll(fds, 3, -1) > 0) {
		ssize_t got = read(fds[0].revents ? one[0] : fds[1].revents ? pair[1] : stream[1], buf,
				   sizeof(buf));

		if (got <= 0)
			return;
		total += got;
	}
}

/* Provides the waiter's data in the end; a part of them after half a step. */
static void help(char how)
{
	if (fork())
		return;
	if (how == 'p') {
		syscall(SYS_nanosleep, &(struct timespec){ 0, STEP_MS / 2 * 1000000 }, NULL);
		drain(BIG * 3 / 8);
	}
	syscall(SYS_nanosleep, &length, NULL);
	if (how == 'w' && write(one[1], "x", 1) + send(pair[1], "x", 1, 0) +
			  send(datagrams[1], "x", 1, 0) != 3)
		_exit(2);
	close(one[1]);
	close(pair[0]);
	close(stream[0]);
	if (how == 'r' || how == 'p')
		drain(SIZE_MAX);
	_exit(0);
}

/* Connects two sockets by TCP that hold little. */
static bool make_stream(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), size = 65536;

	stream[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) ||
	    setsockopt(stream[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) ||
	    bind(listener, (struct sockaddr *)&address, len) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &len) ||
	    connect(stream[0], (struct sockaddr *)&address, len))
		return false;
	stream[1] = accept(listener, NULL, NULL);
	close(listener);
	return stream[1] >= 0;
}

static void make_all(void)
{
	struct epoll_event event = { EPOLLIN, { 0 } };

	channel = epoll_create1(0);
	if (pipe(one) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams) ||
	    epoll_ctl(channel, EPOLL_CTL_ADD, one[0], &event) || !make_stream())
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

struct end {
	const char *name;
	void (*leave)(void);
	bool exits;
};

static const struct end ends[] = {
	{ "exec of a program that does not exist", fail_to_leave, false },
	{ "a filter is installed", filter, false },
	{ "exit", leave_by_exit, true },
	{ "exit, with a slow exit handler", leave_slowly, true },
	{ "_exit", leave_at_once, true },
};

static void run(const struct way *way, const struct end *end)
{
	pthread_t thread;
	pid_t child = 0;

	/* Its helpers end with it. */
	setpgid(0, 0);
	if (end->exits)
		length.tv_sec = 300;
	make_all();
	help_began = now_ms();
	if (way->help == 'c')
		child = sleeper();
	else if (way->help)
		help(way->help);
	pthread_create(&thread, NULL, waiter, (void *)way);
	syscall(SYS_nanosleep, &(struct timespec){ 0, 3 * STEP_MS * 1000000 }, NULL);
	end->leave();
	pthread_join(thread, NULL);
	exit(child < 0);
}

/* Runs all ways at once, each in its own process. */
static void run_all(const struct end *end)
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
			run(&ways[i], end);
		}
	}
	for (size_t i = 0; i < WAYS; i++) {
		waitpid(pids[i], &status, 0);
		kill(-pids[i], SIGKILL);
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
		run_all(&ends[i]);
	}
	return 0;
}

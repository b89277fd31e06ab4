/* SPDX-License-Identifier: MIT */
/* Benchmarks round trips through pipes and stream sockets, with another process or alone. */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench.h"

/* The descriptors that this process reads and writes; a socket is both. */
struct end {
	int in, out;
};

static struct end near, far;
static int listener;			/* for TCP */
static struct sockaddr_in addr = { .sin_family = AF_INET };
static size_t size;
static bool is_pipe, polls;
static char *buf;

static void make_pipes(void)
{
	int there[2], back[2];

	must(!pipe(there) && !pipe(back), "pipe");
	near = (struct end){ back[0], there[1] };
	far = (struct end){ there[0], back[1] };
}

static void listen_tcp(void)
{
	socklen_t len = sizeof(addr);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	must(!bind(listener, (struct sockaddr *)&addr, len) && !listen(listener, 1), "listen");
	must(!getsockname(listener, (struct sockaddr *)&addr, &len), "getsockname");
}

static void make_unix(void)
{
	int fds[2];

	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds), "socketpair");
	near = (struct end){ fds[0], fds[0] };
	far = (struct end){ fds[1], fds[1] };
}

static void open_far(void)
{
	if (!listener)
		return;
	far.in = far.out = socket(AF_INET, SOCK_STREAM, 0);
	must(!connect(far.in, (struct sockaddr *)&addr, sizeof(addr)), "connect");
}

static void open_near(void)
{
	if (!listener)
		return;
	near.in = near.out = accept(listener, NULL, NULL);
	must(near.in >= 0, "accept");
}

static void set_nonblocking(int fd)
{
	must(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) >= 0, "fcntl");
}

static void set_up(const struct end *end)
{
	const int on = 1;

	if (listener)
		setsockopt(end->in, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (polls) {
		set_nonblocking(end->in);
		set_nonblocking(end->out);
	}
}

static void prepare_ends(char **args)
{
	is_pipe = !strcmp(args[0], "pipe");
	if (is_pipe)
		make_pipes();
	else if (!strcmp(args[0], "tcp"))
		listen_tcp();
	else
		make_unix();
	size = number(args[1]);
	buf = calloc(1, size);
	must(size && buf, "a size");
	polls = args[2] && !strcmp(args[2], "poll");
	floor_knows.nonblocking = polls;
}

/* Polls before reading, as an event loop does. */
static void await(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	if (polls)
		must(poll(&pfd, 1, -1) == 1, "poll");
}

/* Returns false if the other side has closed. */
static bool receive(const struct end *end)
{
	for (size_t done = 0; done < size; ) {
		ssize_t got;

		await(end->in, POLLIN);
		got = is_pipe ? io->read(end->in, buf + done, size - done)
			      : io->recv(end->in, buf + done, size - done, 0);
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

static void put(const struct end *end)
{
	for (size_t done = 0; done < size; ) {
		ssize_t sent = is_pipe ? io->write(end->out, buf + done, size - done)
				       : io->send(end->out, buf + done, size - done, MSG_NOSIGNAL);

		must(sent > 0, "send");
		done += (size_t)sent;
		if (done < size)
			await(end->out, POLLOUT);
	}
}

static void echo(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!listener) {
		close(near.in);
		close(near.out);
	}
	open_far();
	set_up(&far);
	while (receive(&far))
		put(&far);
	_exit(0);
}

/* Makes no measured call before the fork, because the obvious shim's ring would be shared. */
static void prepare_round_trip(char **args)
{
	pid_t child;

	prepare_ends(args);
	floor_knows.reads_wait = !polls;
	child = fork();
	must(child >= 0, "fork");
	if (!child)
		echo();
	if (!listener) {
		close(far.in);
		close(far.out);
	}
	open_near();
	set_up(&near);
	clock_include(child);
}

static void prepare_alone(char **args)
{
	prepare_ends(args);
	open_far();
	open_near();
	set_up(&far);
	set_up(&near);
}

static void repeat_round_trip(unsigned long count)
{
	clock_on();
	while (count--) {
		put(&near);
		must(receive(&near), "receive");
	}
	clock_off();
}

/* One process writes into one end and reads from the other, so nothing waits. */
static void repeat_alone(unsigned long count)
{
	clock_on();
	while (count--) {
		put(&near);
		must(receive(&far), "receive");
	}
	clock_off();
}

const struct subject stream_subjects[] = {
	{ "round-trip", "pipe|unix|tcp SIZE [poll]", 2, prepare_round_trip, repeat_round_trip, NULL },
	{ "write-read", "pipe|unix|tcp SIZE", 2, prepare_alone, repeat_alone, NULL },
	{ 0 }
};

/* SPDX-License-Identifier: MIT */
/*
 * Makes calls on sockets with a timeout of 50 ms and nothing to wait for. Prints result and errno,
 * and on standard error the milliseconds that each took. Exits with 1 if one ended too early.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int early;
static char buf[65536];

static long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000L + ts.tv_nsec / 1000;
}

static void timed(int fd)
{
	struct timeval tv = { .tv_usec = 50000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static void pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		_exit(2);
	timed(fds[0]);
}

static long call_read(void)
{
	int fds[2];

	pair(fds);
	return read(fds[0], buf, sizeof(buf));
}

static long call_recv(void)
{
	int fds[2];

	pair(fds);
	return recv(fds[0], buf, sizeof(buf), 0);
}

static long call_recvmsg(void)
{
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[2];

	pair(fds);
	return recvmsg(fds[0], &msg, 0);
}

static long call_accept(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1))
		_exit(2);
	timed(fd);
	return accept(fd, NULL, NULL);
}

/* A listener whose backlog is full, in the abstract namespace. */
static long call_connect(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(addr);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd = -1;

	if (bind(listener, (struct sockaddr *)&addr, sizeof(sa_family_t)) || listen(listener, 0) ||
	    getsockname(listener, (struct sockaddr *)&addr, &len))
		_exit(2);
	for (int i = 0; i < 2; i++) {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		timed(fd);
		if (i == 0 && connect(fd, (struct sockaddr *)&addr, len))
			_exit(2);
	}
	return connect(fd, (struct sockaddr *)&addr, len);
}

static void fill(int fd)
{
	while (send(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

static long call_send(void)
{
	int fds[2];

	pair(fds);
	fill(fds[0]);
	return send(fds[0], buf, sizeof(buf), 0);
}

static long call_write(void)
{
	int fds[2];

	pair(fds);
	fill(fds[0]);
	return write(fds[0], buf, sizeof(buf));
}

/* Receives a byte, for which a busy machine can take longer than the timeout. */
static int receive_at_last(int fd)
{
	long got = -1;

	for (int i = 0; i < 100 && got < 0; i++)
		got = recv(fd, buf, 1, 0);
	return got == 1;
}

/*
 * The recheck timer expires while nothing waits: a receive sets it, an io-wq worker then uses a
 * file, and the file is closed after the timer has expired. The next receive must still time out.
 */
static long call_late(void)
{
	FILE *file = tmpfile();
	long start = now();
	int fds[2];
	pid_t child;

	pair(fds);
	child = fork();
	if (!child) {
		usleep(3000);
		_exit(send(fds[1], buf, 1, 0) != 1);
	}
	if (!file || !receive_at_last(fds[0]) || waitpid(child, NULL, 0) != child)
		_exit(2);
	if (pwrite(fileno(file), buf, 4096, 0) != 4096 || fsync(fileno(file)))
		_exit(2);
	while (now() < start + 40000)
		;
	fclose(file);
	return recv(fds[0], buf, 1, 0);
}

static const struct {
	const char *name;
	long (*call)(void);
} calls[] = {
	{ "read", call_read },	     { "recv", call_recv },   { "recvmsg", call_recvmsg },
	{ "accept", call_accept },   { "send", call_send },   { "write", call_write },
	{ "connect", call_connect }, { "late", call_late },
};

int main(void)
{
	alarm(60);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		long start = now(), ret = calls[i].call(), took = now() - start;

		printf("%s %ld %s\n", calls[i].name, ret, ret < 0 ? strerror(errno) : "-");
		fprintf(stderr, "%s %ld.%ld ms\n", calls[i].name, took / 1000, took / 100 % 10);
		early |= took < 50000;
	}
	return early;
}

/* SPDX-License-Identifier: MIT */
/*
 * Tests the state in which calls leave a socket: failed connections, pending errors, receives of no
 * bytes, and a first send that connects.
 */
#include "harness.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

enum end { REFUSED, BOUND_REFUSED, TIMED_OUT, TIME_UP, ENDS };

static const char *const end_names[] = { "refused", "bound-refused", "timed-out", "time-up" };

static struct sockaddr_storage address;
static socklen_t address_len;
static char buf[2][64];
static struct iovec iovs[2] = { { buf[0], sizeof(buf[0]) }, { buf[1], sizeof(buf[1]) } };

static const char *answer(long result)
{
	return fid_result(result < 0 ? -errno : result);
}

static void loopback(int family)
{
	memset(&address, 0, sizeof(address));
	address.ss_family = (sa_family_t)family;
	if (family == AF_INET6) {
		((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
		address_len = sizeof(struct sockaddr_in6);
	} else {
		((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address_len = sizeof(struct sockaddr_in);
	}
}

/* Makes a socket with its own port, and remembers it as the address. */
static int bound(int family, int type)
{
	int fd = socket(family, type, 0);

	loopback(family);
	if (bind(fd, (void *)&address, address_len) ||
	    getsockname(fd, (void *)&address, &address_len))
		fid_die("bind");
	return fd;
}

static int connects(int fd)
{
	return connect(fd, (void *)&address, address_len);
}

static int option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static void set_time(int fd, int name, long us)
{
	struct timeval time = { 0, us };

	setsockopt(fd, SOL_SOCKET, name, &time, sizeof(time));
}

/* From now on nobody answers. */
static void fill_backlog(int listener)
{
	int family = address.ss_family;

	listen(listener, 0);
	for (int i = 0; i < 4; i++)
		connects(socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0));
	fid_sleep_us(1000);
}

static short events(int fd)
{
	struct pollfd look = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP };

	poll(&look, 1, 0);
	return look.revents;
}

static void look(int fd, int listener) { fid_say("poll %x", events(fd)); }
static void receive(int fd, int l) { fid_say("recv %s", answer(recv(fd, buf[0], 8, MSG_DONTWAIT))); }
static void sends(int fd, int l) { fid_say("send %s", answer(send(fd, "x", 1, MSG_NOSIGNAL))); }
static void listens(int fd, int l) { fid_say("listen %s", answer(listen(fd, 1))); }
static void ends(int fd, int l) { fid_say("shutdown %s", answer(shutdown(fd, SHUT_RDWR))); }

static void error(int fd, int listener)
{
	int err = 0;
	socklen_t len = sizeof(err);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	fid_say("error %s", fid_errname(err));
}

static void state(int fd, int listener)
{
	struct tcp_info info = { .tcpi_state = 0 };
	socklen_t len = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	fid_say("state %d", info.tcpi_state);
}

static void again(int fd, int listener)
{
	fid_say("again %s", answer(connects(fd)));
}

static void to_listener(int fd, int listener)
{
	listen(listener, 4);
	fid_say("to a listener %s", answer(connects(fd)));
}

static const struct deed {
	const char *name;
	void (*act)(int fd, int listener);
} deeds[] = {
	{ "poll", look }, { "recv", receive }, { "send", sends }, { "listen", listens },
	{ "shutdown", ends }, { "error", error }, { "state", state },
	/* Only if the connection attempt is over: */
	{ "again", again }, { "to-listener", to_listener },
};

enum { DEEDS = sizeof(deeds) / sizeof(deeds[0]) };

static void fail_then(int family, enum end end, const struct deed *deed)
{
	int listener = bound(family, SOCK_STREAM), fd = socket(family, SOCK_STREAM, 0);
	struct sockaddr_storage there = address;

	if (end == TIMED_OUT || end == TIME_UP)
		fill_backlog(listener);
	if (end == TIMED_OUT) {
		option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 200);
		option(fd, IPPROTO_TCP, TCP_SYNCNT, 1);
	}
	if (end == TIME_UP)
		set_time(fd, SO_SNDTIMEO, 60000);
	if (end == BOUND_REFUSED) {
		loopback(family);
		bind(fd, (void *)&address, address_len);
		address = there;
	}
	fid_say("connect %s", answer(connects(fd)));
	deed->act(fd, listener);
}

static void failed_connect(const void *arg)
{
	const struct deed *deed = arg;

	for (int end = REFUSED; end < ENDS; end++) {
		if (end >= TIMED_OUT && deed >= &deeds[DEEDS - 2])
			continue;
		fid_say("%s", end_names[end]);
		fail_then(AF_INET, end, deed);
	}
	fid_say("IPv6");
	fail_then(AF_INET6, REFUSED, deed);
}

static void connected_pair(int fds[2])
{
	int listener = bound(AF_INET, SOCK_STREAM);

	listen(listener, 1);
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (connects(fds[0]))
		fid_die("connect");
	fds[1] = accept(listener, NULL, NULL);
	close(listener);
}

/* A connect that fails before it begins, or on a connected socket, changes nothing. */
static void connect_in_vain(const void *arg)
{
	struct sockaddr_in nowhere = { .sin_family = AF_INET };
	int fds[2], fd = socket(AF_INET, SOCK_STREAM, 0);

	nowhere.sin_addr.s_addr = htonl(INADDR_BROADCAST);
	nowhere.sin_port = htons(9);
	fid_say("broadcast %s", answer(connect(fd, (void *)&nowhere, sizeof(nowhere))));
	look(fd, -1);
	listens(fd, -1);
	connected_pair(fds);
	fid_say("again %s", answer(connects(fds[0])));
	sends(fds[0], -1);
	shutdown(fds[1], SHUT_RDWR);
	shutdown(fds[0], SHUT_RDWR);
	fid_say("over %s", answer(connects(fds[0])));
	look(fds[0], -1);
}

/* The calls that report a pending error. */

static struct msghdr *message(void)
{
	static struct msghdr msg;

	msg = (struct msghdr){ .msg_iov = iovs, .msg_iovlen = 1 };
	return &msg;
}

static struct mmsghdr *messages(void)
{
	static struct mmsghdr msgs[2];

	for (int i = 0; i < 2; i++)
		msgs[i].msg_hdr = (struct msghdr){ .msg_iov = &iovs[i], .msg_iovlen = 1 };
	return msgs;
}

static long by_read(int fd) { return read(fd, buf[0], sizeof(buf[0])); }
static long by_recv(int fd) { return recv(fd, buf[0], sizeof(buf[0]), 0); }
static long by_recvmsg(int fd) { return recvmsg(fd, message(), 0); }
static long by_recvmmsg(int fd) { return recvmmsg(fd, messages(), 2, 0, NULL); }
static long by_waitforone(int fd) { return recvmmsg(fd, messages(), 2, MSG_WAITFORONE, NULL); }
static long by_errqueue(int fd) { return recvmsg(fd, message(), MSG_ERRQUEUE); }
static long by_write(int fd) { return write(fd, "x", 1); }
static long by_send(int fd) { return send(fd, "x", 1, MSG_NOSIGNAL); }
static long by_sendmsg(int fd) { return sendmsg(fd, message(), MSG_NOSIGNAL); }
static long by_sendmmsg(int fd) { return sendmmsg(fd, messages(), 2, MSG_NOSIGNAL); }
static long by_writev(int fd) { return writev(fd, iovs, 2); }

static const struct way {
	const char *name;
	long (*call)(int fd);
} ways[] = {
	{ "read", by_read }, { "recv", by_recv }, { "recvmsg", by_recvmsg },
	{ "recvmmsg", by_recvmmsg }, { "recvmmsg-waitforone", by_waitforone },
	{ "recvmsg-errqueue", by_errqueue }, { "write", by_write }, { "send", by_send },
	{ "sendmsg", by_sendmsg }, { "sendmmsg", by_sendmmsg }, { "writev", by_writev },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/*
 * The peer closes with unread data. Before, it sends something if data is set, and shuts down if
 * end is set.
 */
static int reset_socket(bool data, bool end)
{
	int fds[2];

	connected_pair(fds);
	if (data)
		(void)!send(fds[1], "data", 4, 0);
	if (end)
		shutdown(fds[1], SHUT_WR);
	fid_sleep_us(3000);
	(void)!send(fds[0], "unread", 6, 0);
	fid_sleep_us(3000);
	close(fds[1]);
	return fds[0];
}

/* The peer is closed. Before, it sent something if data is set. */
static int refused_socket(bool data)
{
	int peer = bound(AF_INET, SOCK_DGRAM), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in own;
	socklen_t len = sizeof(own);

	if (connects(fd) || getsockname(fd, (void *)&own, &len))
		fid_die("connect");
	if (data)
		sendto(peer, "data", 4, 0, (void *)&own, len);
	close(peer);
	fid_sleep_us(2000);
	(void)!send(fd, "y", 1, 0);
	return fd;
}

static void pending_error(const void *arg)
{
	const struct way *way = arg;

	signal(SIGPIPE, SIG_IGN);
	for (int kind = 0; kind < 6; kind++) {
		bool data = kind & 1;
		int fd = kind < 4 ? reset_socket(data, kind & 2) : refused_socket(data);

		fid_sleep_us(3000);
		set_time(fd, SO_RCVTIMEO, 50000);
		fid_say("%s%s%s", kind < 4 ? "tcp" : "udp", data ? " data" : "",
			kind & 2 ? " end" : "");
		for (int i = 0; i < 3; i++) {
			fid_say("%s", answer(way->call(fd)));
			fid_sleep_us(2000);
		}
		close(fd);
	}
}

static void on_alarm(int sig)
{
}

/* Receives with room for no bytes: on TCP whatever ends the wait makes the call return 0. */
static void receive_nothing(const void *arg)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	/* It ticks again in case that the first tick comes before the call. */
	const struct itimerval soon = { { 0, 100000 }, { 0, 100000 } };
	const int *type = arg;
	int fds[2];

	if (*type)
		socketpair(AF_UNIX, *type, 0, fds);
	else
		connected_pair(fds);
	set_time(fds[0], SO_RCVTIMEO, 100000);
	for (int count = 0; count < 3; count++) {
		struct iovec none[2] = { { buf[0], 0 }, { buf[1], 0 } };
		struct msghdr msg = { .msg_iov = none, .msg_iovlen = (size_t)count };
		struct mmsghdr one = { .msg_hdr = msg };

		fid_say("recvmsg %s", answer(recvmsg(fds[0], &msg, 0)));
		fid_say("at once %s", answer(recvmsg(fds[0], &msg, MSG_DONTWAIT)));
		fid_say("recvmmsg %s", answer(recvmmsg(fds[0], &one, 1, 0, NULL)));
		fid_say("readv %s", answer(readv(fds[0], none, count)));
	}
	fid_say("recv %s", answer(recv(fds[0], buf[0], 0, 0)));
	fid_say("peek %s", answer(recv(fds[0], buf[0], 0, MSG_PEEK)));
	fid_say("read %s", answer(read(fds[0], buf[0], 0)));
	set_time(fds[0], SO_RCVTIMEO, 0);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	fid_say("interrupted %s", answer(recvmsg(fds[0], &(struct msghdr){ .msg_iovlen = 0 }, 0)));
}

static void send_nothing(const void *arg)
{
	const int *type = arg;
	struct iovec none = { buf[0], 0 };
	struct msghdr msg = { .msg_iov = &none, .msg_iovlen = 1 };
	struct mmsghdr two[2] = { { .msg_hdr = msg }, { .msg_hdr = msg } };
	int fds[2];

	if (*type)
		socketpair(AF_UNIX, *type, 0, fds);
	else
		connected_pair(fds);
	fid_say("write %s", answer(write(fds[0], "", 0)));
	fid_say("send %s", answer(send(fds[0], "", 0, 0)));
	fid_say("sendmsg %s", answer(sendmsg(fds[0], &msg, 0)));
	fid_say("sendmmsg %s", answer(sendmmsg(fds[0], two, 2, 0)));
	for (int i = 0; i < 6; i++)
		fid_say("got %s", answer(recv(fds[1], buf[1], 8, MSG_DONTWAIT)));
	shutdown(fds[0], SHUT_WR);
	fid_say("send %s", answer(send(fds[0], "", 0, MSG_NOSIGNAL)));
}

/* Makes a network namespace in which sockets can connect by their first send. */
static bool make_network(void)
{
	struct ifreq request = { .ifr_flags = IFF_UP };
	int fd, all;

	if (unshare(CLONE_NEWNET))
		return false;
	strcpy(request.ifr_name, "lo");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	all = open("/proc/sys/net/ipv4/tcp_fastopen", O_WRONLY);
	return !ioctl(fd, SIOCSIFFLAGS, &request) && write(all, "1543", 4) == 4;
}

static void connect_later(const void *arg)
{
	const struct way *way = arg;

	signal(SIGPIPE, SIG_IGN);
	if (!make_network()) {
		fid_say("no network of our own");
		return;
	}
	for (int listening = 0; listening < 2; listening++) {
		int server = bound(AF_INET, SOCK_STREAM), fd = socket(AF_INET, SOCK_STREAM, 0);
		int conn;

		option(server, IPPROTO_TCP, TCP_FASTOPEN, 5);
		if (listening)
			listen(server, 4);
		option(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
		fid_say("connect %s", answer(connects(fd)));
		fid_say("%s %s", way->name, answer(way->call(fd)));
		conn = listening ? accept(server, NULL, NULL) : -1;
		if (conn >= 0)
			fid_say("got %s", answer(recv(conn, buf[1], 1, 0)));
		look(fd, -1);
		close(conn);
		close(fd);
	}
}

static const int types[] = { 0, SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
static const char *const type_names[] = { "tcp", "stream", "datagram", "seqpacket" };

static struct fid_case cases[DEEDS + 1 + 2 * WAYS + 8];
static char names[DEEDS + 1 + 2 * WAYS + 8][40];
static size_t count;

static void add(const char *group, const char *name, void (*run)(const void *arg), const void *arg,
		unsigned flags)
{
	snprintf(names[count], sizeof(names[count]), "%s/%s", group, name);
	cases[count] = (struct fid_case){ names[count], run, arg, flags, 20 };
	count++;
}

int main(int argc, char **argv)
{
	for (int i = 0; i < DEEDS; i++)
		add("failed-connect", deeds[i].name, failed_connect, &deeds[i], FID_RING);
	add("failed-connect", "in-vain", connect_in_vain, NULL, FID_RING);
	for (int i = 0; i < WAYS; i++)
		add("pending", ways[i].name, pending_error, &ways[i], FID_RING);
	for (int i = 6; i < WAYS; i++)
		add("connects-later", ways[i].name, connect_later, &ways[i], FID_ROOT);
	for (int i = 0; i < 4; i++) {
		add("receive-nothing", type_names[i], receive_nothing, &types[i], FID_RING);
		add("send-nothing", type_names[i], send_nothing, &types[i], FID_RING);
	}
	return fid_main(argc, argv, cases, count);
}

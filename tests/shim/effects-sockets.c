/* SPDX-License-Identifier: MIT */
/* Effects of socket calls: the queues at both ends, and the bytes that reach the peer. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include "effects.h"

static char data[4096];

struct pair {
	const char *name;
	int in, out;
};

static struct pair tcp_pair(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct pair pair = { "tcp", -1, socket(AF_INET, SOCK_STREAM, 0) };

	need(!bind(listener, (struct sockaddr *)&addr, len) && !listen(listener, 1) &&
	     !getsockname(listener, (struct sockaddr *)&addr, &len) &&
	     !connect(pair.out, (struct sockaddr *)&addr, len), "tcp");
	pair.in = accept(listener, NULL, NULL);
	close(listener);
	return pair;
}

static struct pair unix_pair(const char *name, int type)
{
	int fds[2];

	need(!socketpair(AF_UNIX, type, 0, fds), name);
	return (struct pair){ name, fds[0], fds[1] };
}

/* Returns the bytes that can be read at fd. Waits for bytes under way, for a limited time. */
static int waiting(int fd)
{
	struct timespec most = { 0, 200000000 };
	struct pollfd ready = { fd, POLLIN, 0 };
	int count = -1;

	raw3(SYS_ppoll, (long)&ready, 1, (long)&most);
	raw3(SYS_ioctl, fd, SIOCINQ, (long)&count);
	return count;
}

/* Prints the effects of a send: the bytes queued at the peer, then the peer's data by message. */
static void sent(const char *call, const struct pair *pair, long ret)
{
	char got[8192], effect[64];
	long len;

	snprintf(effect, sizeof(effect), "peer, %s", pair->name);
	saw(call, effect, "%s waiting %d", result(ret), waiting(pair->in));
	while ((len = raw6(SYS_recvfrom, pair->in, (long)got, sizeof(got), MSG_DONTWAIT, 0, 0)) > 0)
		saw(call, effect, "got %ld %lx", len, sum(got, (size_t)len));
}

/* Prints the effects of a receive: the data received, and the data left in the queue. */
static void received(const char *call, const struct pair *pair, long ret, const char *buf, size_t len)
{
	char effect[64];

	snprintf(effect, sizeof(effect), "queue, %s", pair->name);
	saw(call, effect, "%s left %d buffer %lx", result(ret), waiting(pair->in), sum(buf, len));
	while (raw6(SYS_recvfrom, pair->in, (long)data, sizeof(data), MSG_DONTWAIT, 0, 0) > 0)
		;
}

static void sends(const struct pair *pair)
{
	struct iovec iov[2] = { { data, 100 }, { data + 1000, 50 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	struct mmsghdr many[3] = { { .msg_hdr = msg }, { .msg_hdr = msg }, { .msg_hdr = msg } };

	pattern(data, sizeof(data), 5);
	sent("write", pair, write(pair->out, data, 111));
	sent("writev", pair, writev(pair->out, iov, 2));
	sent("send", pair, send(pair->out, data, 120, MSG_NOSIGNAL));
	sent("sendto", pair, sendto(pair->out, data, 130, 0, NULL, 0));
	sent("sendmsg", pair, sendmsg(pair->out, &msg, 0));
	sent("sendmmsg", pair, sendmmsg(pair->out, many, 3, 0));
	saw("sendmmsg", "lengths", "%u %u %u", many[0].msg_len, many[1].msg_len, many[2].msg_len);
}

static void fill(const struct pair *pair)
{
	pattern(data, sizeof(data), 6);
	raw_write(pair->out, data, 600);
	raw_write(pair->out, data, 500);
	while (waiting(pair->in) < 600)
		;
}

static void receives(const struct pair *pair)
{
	char buf[512];
	struct iovec iov[2] = { { buf, 100 }, { buf + 200, 50 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	struct mmsghdr many[2] = { { .msg_hdr = msg }, { .msg_hdr = msg } };

#define RECEIVE(name_, call_) do { \
	long ret_; \
	fill(pair); \
	memset(buf, 0, sizeof(buf)); \
	ret_ = (call_); \
	received(#name_, pair, ret_, buf, sizeof(buf)); \
} while (0)
	RECEIVE(read, read(pair->in, buf, 300));
	RECEIVE(readv, readv(pair->in, iov, 2));
	RECEIVE(recv, recv(pair->in, buf, 300, 0));
	RECEIVE(recv, recv(pair->in, buf, 300, MSG_PEEK));
	RECEIVE(recv, recv(pair->in, buf, 300, MSG_TRUNC));
	RECEIVE(recvfrom, recvfrom(pair->in, buf, 310, MSG_WAITALL, NULL, NULL));
	RECEIVE(recvmsg, recvmsg(pair->in, &msg, 0));
	saw("recvmsg", "flags", "%x", msg.msg_flags);
	RECEIVE(recvmmsg, recvmmsg(pair->in, many, 2, MSG_DONTWAIT, NULL));
	saw("recvmmsg", "lengths", "%u %u flags %x", many[0].msg_len, many[1].msg_len,
	    many[0].msg_hdr.msg_flags);
#undef RECEIVE
}

/* Sends the credentials of the sender, and a descriptor. */
static void control(void)
{
	struct pair pair = unix_pair("unix", SOCK_STREAM);
	union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))]; } space;
	struct iovec iov = { data, 10 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &space,
			      .msg_controllen = CMSG_SPACE(sizeof(int)) };
	struct cmsghdr *part = CMSG_FIRSTHDR(&msg);
	int on = 1, fds[2];

	need(!pipe(fds), "pipe");
	setsockopt(pair.in, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	memset(&space, 0, sizeof(space));
	*part = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(part), &fds[1], sizeof(int));
	saw("sendmsg", "control", "%s", result(sendmsg(pair.out, &msg, 0)));
	msg.msg_controllen = sizeof(space);
	saw("recvmsg", "control", "%s flags %x", result(recvmsg(pair.in, &msg, MSG_CMSG_CLOEXEC)), msg.msg_flags);
	for (part = CMSG_FIRSTHDR(&msg); part; part = CMSG_NXTHDR(&msg, part)) {
		struct ucred who;
		int fd;

		if (part->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&who, CMSG_DATA(part), sizeof(who));
			saw("sendmsg", "credentials", "own %d uid %u", who.pid == getpid(), who.uid);
		} else {
			memcpy(&fd, CMSG_DATA(part), sizeof(fd));
			saw("recvmsg", "descriptor", "close-on-exec %ld, through it %ld",
			    raw3(SYS_fcntl, fd, F_GETFD, 0), raw_write(fd, "x", 1));
		}
	}
}

void messages(void)
{
	struct pair pairs[] = {
		tcp_pair(), unix_pair("unix", SOCK_STREAM), unix_pair("datagram", SOCK_DGRAM),
		unix_pair("seqpacket", SOCK_SEQPACKET),
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		sends(&pairs[i]);
		receives(&pairs[i]);
	}
	control();
}

static int tcp_state(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	raw6(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)&info, (long)&len, 0);
	/* Depends on timing: the other end may or may not have acknowledged yet. */
	return info.tcpi_state == TCP_FIN_WAIT1 ? TCP_FIN_WAIT2 : info.tcpi_state;
}

static void shutdowns(void)
{
	static const int hows[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };

	for (int i = 0; i < 3; i++) {
		struct pair pair = tcp_pair();
		char byte;
		long got;

		saw("shutdown", "result", "%s", result(shutdown(pair.out, hows[i])));
		waiting(hows[i] == SHUT_RD ? pair.out : pair.in);
		got = raw6(SYS_recvfrom, pair.in, (long)&byte, 1, MSG_DONTWAIT, 0, 0);
		saw("shutdown", "both ends", "peer reads %ld, peer sends %ld, states %d %d", got,
		    raw6(SYS_sendto, pair.in, (long)"x", 1, MSG_NOSIGNAL, 0, 0), tcp_state(pair.in) > 0,
		    tcp_state(pair.out));
		close(pair.in);
		close(pair.out);
	}
}

static void unix_names(void)
{
	struct sockaddr_un addr = { AF_UNIX, "socket" }, peer = { 0 };
	socklen_t len = sizeof(addr), value_len = sizeof(int), cred_len = sizeof(struct ucred);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), value = -1, client, server, late;
	struct ucred who = { 0 };
	struct stat st;

	saw("bind", "result", "%s", result(bind(fd, (struct sockaddr *)&addr, len)));
	need(!lstat("socket", &st), "socket");
	saw("bind", "name", "%o", st.st_mode & S_IFMT);
	saw("listen", "result", "%s", result(listen(fd, 0)));
	raw6(SYS_getsockopt, fd, SOL_SOCKET, SO_ACCEPTCONN, (long)&value, (long)&value_len, 0);
	saw("listen", "socket", "accepts %d", value);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	saw("connect", "result", "%s", result(connect(client, (struct sockaddr *)&addr, len)));
	raw6(SYS_getsockopt, client, SOL_SOCKET, SO_PEERCRED, (long)&who, (long)&cred_len, 0);
	saw("connect", "credentials", "own %d uid %u", who.pid == getpid(), who.uid);
	/* A backlog of 0 holds one connection. */
	late = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	saw("listen", "backlog", "%s", result(connect(late, (struct sockaddr *)&addr, len)));
	len = sizeof(peer);
	server = accept4(fd, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	saw("accept4", "descriptor", "%ld flags %lx length %u family %d", raw3(SYS_fcntl, server, F_GETFD, 0),
	    raw3(SYS_fcntl, server, F_GETFL, 0), len, peer.sun_family);
	cred_len = sizeof(who);
	raw6(SYS_getsockopt, server, SOL_SOCKET, SO_PEERCRED, (long)&who, (long)&cred_len, 0);
	saw("accept4", "credentials", "own %d uid %u", who.pid == getpid(), who.uid);
	saw("accept4", "queue", "%s", result(connect(late, (struct sockaddr *)&addr, sizeof(addr))));
	server = accept(fd, NULL, NULL);
	saw("accept", "descriptor", "%ld flags %lx", raw3(SYS_fcntl, server, F_GETFD, 0),
	    raw3(SYS_fcntl, server, F_GETFL, 0));
	raw3(SYS_fcntl, fd, F_SETFL, O_NONBLOCK);
	saw("accept", "queue", "%s", result(accept(fd, NULL, NULL)));
}

void connections(void)
{
	struct pair pair = tcp_pair();
	struct sockaddr_in addr = { 0 }, peer = { 0 };
	socklen_t len = sizeof(addr);

	saw("connect", "state", "%d %d", tcp_state(pair.in), tcp_state(pair.out));
	getsockname(pair.in, (struct sockaddr *)&addr, &len);
	getpeername(pair.out, (struct sockaddr *)&peer, &len);
	saw("connect", "addresses", "%d", !memcmp(&addr, &peer, offsetof(struct sockaddr_in, sin_zero)));
	shutdowns();
	unix_names();
}

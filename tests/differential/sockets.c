/* SPDX-License-Identifier: MIT */
/*
 * Kinds of descriptor that are sockets: unix, IPv4 and IPv6; connected, listening and neither; in
 * every state.
 */
#include "differential.h"

#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

enum { SMALL_BUFFER = 16384, TIMEOUT_US = 20000 };

/* Makes a loopback address with a kernel-chosen port, or an abstract name of constant length. */
int make_socket_name(struct object *o, int family, struct sockaddr_storage *ss, socklen_t *len)
{
	static unsigned int serial;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_un *un = (struct sockaddr_un *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = family;
	switch (family) {
	case AF_INET:
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		*len = sizeof(*in);
		return 0;
	case AF_INET6:
		in6->sin6_addr = in6addr_loopback;
		*len = sizeof(*in6);
		return 0;
	default:
		*len = offsetof(struct sockaddr_un, sun_path) + 1 +
		       snprintf(un->sun_path + 1, sizeof(un->sun_path) - 1, "differential-%010d-%010u",
				getpid(), serial++);
		return 0;
	}
}

static int bind_somewhere(struct object *o, int fd, struct sockaddr_storage *ss, socklen_t *len)
{
	int err;

	make_socket_name(o, o->family, ss, len);
	err = raw_bind(fd, ss, *len);
	if (err < 0)
		return cannot(o, "bind", err);
	*len = sizeof(*ss);
	return raw_getsockname(fd, ss, len);
}

static int listen_somewhere(struct object *o, struct sockaddr_storage *ss, socklen_t *len, int backlog)
{
	int fd = raw_socket(o->family, o->type | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return cannot(o, "socket", fd);
	if (bind_somewhere(o, fd, ss, len) < 0 || (err = raw_listen(fd, backlog)) < 0) {
		raw_close(fd);
		return cannot(o, "listen", err);
	}
	return fd;
}

static void small_buffers(struct object *o, int fd)
{
	int size = SMALL_BUFFER;

	if (o->state & S_FULL && o->family != AF_UNIX) {
		raw_setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		raw_setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	}
}

static int new_socket(struct object *o)
{
	int fd = socket(o->family, o->type | (o->state & S_NB_BORN ? SOCK_NONBLOCK : 0), 0);

	if (fd < 0)
		return cannot(o, "socket", -errno);
	small_buffers(o, fd);
	return fd;
}

static int make_unix_pair(struct object *o)
{
	int sv[2];

	if (socketpair(AF_UNIX, o->type | (o->state & S_NB_BORN ? SOCK_NONBLOCK : 0), 0, sv) < 0)
		return cannot(o, "socketpair", -errno);
	o->fd = sv[0];
	o->peer = sv[1];
	return 0;
}

/* Our end is the connecting or the accepted one. */
static int make_stream(struct object *o)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int listener = listen_somewhere(o, &ss, &len, 4), err = 0;

	if (listener < 0)
		return -1;
	small_buffers(o, listener);
	if (o->state & S_ACCEPTED) {
		o->peer = raw_socket(o->family, o->type | SOCK_CLOEXEC, 0);
		err = raw_connect(o->peer, &ss, len);
		o->fd = accept4(listener, NULL, NULL, o->state & S_NB_BORN ? SOCK_NONBLOCK : 0);
	} else {
		o->fd = new_socket(o);
		if (o->fd >= 0 && connect(o->fd, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS)
			err = -errno;
		o->peer = err ? -1 : raw_accept(listener);
	}
	raw_close(listener);
	if (err)
		return cannot(o, "connect", err);
	return o->fd < 0 || o->peer < 0 ? cannot(o, "accept", -EIO) : 0;
}

static int make_datagram(struct object *o)
{
	struct sockaddr_storage ours, theirs;
	socklen_t our_len, their_len;
	int err;

	o->fd = new_socket(o);
	o->peer = raw_socket(o->family, o->type | SOCK_CLOEXEC, 0);
	if (o->fd < 0 || o->peer < 0)
		return cannot(o, "socket", o->peer);
	if (bind_somewhere(o, o->fd, &ours, &our_len) < 0 || bind_somewhere(o, o->peer, &theirs, &their_len) < 0)
		return -1;
	err = raw_connect(o->peer, &ours, our_len);
	if (!err && !(o->state & S_UNCONNECTED) && connect(o->fd, (struct sockaddr *)&theirs, their_len) < 0)
		err = -errno;
	return err ? cannot(o, "connect", err) : 0;
}

static int set_timeouts(struct object *o)
{
	struct timeval tv = { 0, TIMEOUT_US };

	if (o->state & S_RCVTIMEO && setsockopt(o->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) < 0)
		return cannot(o, "SO_RCVTIMEO", -errno);
	if (o->state & S_SNDTIMEO && setsockopt(o->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) < 0)
		return cannot(o, "SO_SNDTIMEO", -errno);
	return 0;
}

static long send_rights(int fd, const char *data, size_t len)
{
	union { struct cmsghdr cm; char room[CMSG_SPACE(sizeof(int))]; } control;
	struct iovec iov = { (char *)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = &control, .msg_controllen = sizeof(control) };

	memset(&control, 0, sizeof(control));
	control.cm.cmsg_level = SOL_SOCKET;
	control.cm.cmsg_type = SCM_RIGHTS;
	control.cm.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.cm), &spare_fd, sizeof(spare_fd));
	return raw_sendmsg(fd, &msg, 0);
}

static int send_data(struct object *o)
{
	char data[STREAM_DATA];
	bool dgram = o->flags & K_DGRAM;
	int count = dgram ? DGRAM_COUNT : 1;
	int len = dgram ? DGRAM_DATA : STREAM_DATA;
	long n = 0;

	for (int i = 0; i < count && n >= 0; i++) {
		pattern(data, sizeof(data), 1 + i);
		n = o->state & S_RIGHTS ? send_rights(o->peer, data, len) : raw_send(o->peer, data, len, 0);
	}
	if (n >= 0 && o->state & S_OOB)
		n = raw_send(o->peer, "!", 1, MSG_OOB);
	if (n < 0)
		return cannot(o, "sending data", n);
	/* FIONREAD counts only the first datagram, and no urgent bytes. */
	if (!wait_readable_bytes(o->fd, o->state & S_OOB ? STREAM_DATA : len))
		return cannot(o, "waiting for data", -ETIMEDOUT);
	return 0;
}

/* Returns true while sent bytes are unacknowledged; until then TCP can still make room. */
static bool under_way(const struct object *o)
{
	int unacknowledged = 0, unsent = 0;

	if (o->family == AF_UNIX)
		return false;
	raw_ioctl(o->fd, SIOCOUTQ, &unacknowledged);
	raw_ioctl(o->fd, SIOCOUTQNSD, &unsent);
	return unacknowledged != unsent;
}

static void fill(struct object *o)
{
	char page[4096];
	int one = 1;

	pattern(page, sizeof(page), 5);
	for (int tries = 0; tries < 1000; tries++) {
		bool moving = under_way(o);

		if (raw_send(o->fd, page, sizeof(page), MSG_DONTWAIT) > 0 ||
		    raw_send(o->fd, page, 1, MSG_DONTWAIT) > 0)
			continue;
		if (!moving)
			break;
		raw_setsockopt(o->peer, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
		raw_sleep_us(500);
	}
}

static int bring_about(struct object *o)
{
	struct linger l = { 1, 0 };
	int one = 1;

	if (o->state & S_PASSCRED)
		setsockopt(o->fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one));
	if (o->state & S_DATA && send_data(o) < 0)
		return -1;
	if (o->state & S_FULL)
		fill(o);
	if (o->state & S_SHUT_RD)
		shutdown(o->fd, SHUT_RD);
	if (o->state & S_SHUT_WR)
		shutdown(o->fd, SHUT_WR);
	if (o->state & S_PEER_SHUT)
		raw_shutdown(o->peer, SHUT_WR);
	if (o->state & S_RESET) {
		if (o->family == AF_UNIX)	/* unread bytes make it a reset */
			raw_send(o->fd, "unread", 6, 0);
		else
			raw_setsockopt(o->peer, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	}
	if (o->state & (S_PEER_CLOSED | S_RESET)) {
		act_close_peer(o, 0);
		if (o->type != SOCK_DGRAM)
			raw_poll(o->fd, POLLRDHUP, 1000);
	}
	if (o->state & S_PEER_SHUT)
		raw_poll(o->fd, POLLRDHUP, 1000);
	return 0;
}

static int make_socket(struct object *o, const struct kind *k)
{
	int err;

	o->peer_is_sock = true;
	if (o->family == AF_UNIX && !(o->state & (S_UNCONNECTED | S_ACCEPTED)))
		err = make_unix_pair(o);
	else if (o->type == SOCK_DGRAM)
		err = make_datagram(o);
	else
		err = make_stream(o);
	if (err < 0)
		return -1;
	o->target_len = sizeof(o->target);
	raw_getsockname(o->peer, &o->target, &o->target_len);
	o->peer_name = o->target;
	o->peer_name_len = o->target_len;
	if (o->state & S_LEARNT)
		learn(o);
	if (set_nonblock(o, o->state) < 0 || set_timeouts(o) < 0)
		return -1;
	return bring_about(o);
}

/* A socket that was never connected, with or without something to connect to. */
static int make_fresh(struct object *o, const struct kind *k)
{
	struct sockaddr_storage own;
	socklen_t own_len;
	int listener, extra;

	o->peer_is_sock = true;
	o->fd = new_socket(o);
	if (o->fd < 0)
		return -1;
	if (o->state & S_REFUSED) {	/* bound to reserve the number, but not listening */
		listener = also_close(o, raw_socket(o->family, o->type | SOCK_CLOEXEC, 0));
		if (bind_somewhere(o, listener, &o->target, &o->target_len) < 0)
			return -1;
	} else {
		listener = also_close(o, listen_somewhere(o, &o->target, &o->target_len, o->state & S_BACKLOG ? 0 : 4));
	}
	if (listener < 0)
		return -1;
	if (o->state & S_BACKLOG) {
		for (int i = 0; i < 2; i++) {
			extra = also_close(o, raw_socket(o->family, o->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
			raw_connect(extra, &o->target, o->target_len);
		}
		o->handle = (void *)(intptr_t)listener;
		raw_fcntl(listener, F_SETFL, O_RDWR | O_NONBLOCK);	/* else the helper waits */
	}
	if (o->state & S_ACCEPTED && bind_somewhere(o, o->fd, &own, &own_len) < 0)
		return -1;
	return set_nonblock(o, o->state) < 0 || set_timeouts(o) < 0 ? -1 : 0;
}

static void act_accept(struct object *o, unsigned int round)
{
	int fd = raw_accept((int)(intptr_t)o->handle);

	if (fd >= 0)
		also_close(o, fd);
}

static void undo_files_limit(struct object *o)
{
	setrlimit(RLIMIT_NOFILE, &o->saved_limit);
}

static int forbid_more_files(struct object *o)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &o->saved_limit);
	r = o->saved_limit;
	r.rlim_cur = lowest_free_fd();
	if (setrlimit(RLIMIT_NOFILE, &r) < 0)
		return cannot(o, "setrlimit", -errno);
	o->undo = undo_files_limit;
	return 0;
}

static void act_connect(struct object *o, unsigned int round)
{
	raw_connect(o->peer, &o->target, o->target_len);
	let_arrive(o, 200);
}

/* The peer is a client, connected already or connecting once accept waits. */
static int make_listener(struct object *o, const struct kind *k)
{
	int extra;

	o->peer_is_sock = true;
	o->fd = new_socket(o);
	if (o->fd < 0 || bind_somewhere(o, o->fd, &o->target, &o->target_len) < 0)
		return -1;
	if (listen(o->fd, 4) < 0)
		return cannot(o, "listen", -errno);
	o->peer = raw_socket(o->family, o->type | SOCK_CLOEXEC, 0);
	if (bind_somewhere(o, o->peer, &o->peer_name, &o->peer_name_len) < 0)
		return -1;
	if (o->state & S_LEARNT) {
		extra = raw_socket(o->family, o->type | SOCK_CLOEXEC, 0);
		raw_connect(extra, &o->target, o->target_len);
		close(accept(o->fd, NULL, NULL));
		raw_close(extra);
	}
	if (o->state & S_DATA) {
		raw_connect(o->peer, &o->target, o->target_len);
		raw_poll(o->fd, POLLIN, 1000);
	}
	if (set_nonblock(o, o->state) < 0 || set_timeouts(o) < 0)
		return -1;
	if (o->state & S_SHUT_RD)
		shutdown(o->fd, SHUT_RD);
	return o->state & S_EMFILE ? forbid_more_files(o) : 0;
}

/* A rejected datagram: its error is pending on the socket and is also on the error queue. */
static int make_bounced(struct object *o, const struct kind *k)
{
	int one = 1;

	if (make_fresh(o, k) < 0)
		return -1;
	if (connect(o->fd, (struct sockaddr *)&o->target, o->target_len) < 0)
		return cannot(o, "connect", -errno);
	setsockopt(o->fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	raw_close(o->aux[--o->naux]);	/* now there is no listener */
	raw_send(o->fd, "bounce", 6, 0);
	raw_poll(o->fd, POLLERR, 1000);
	return 0;
}

enum { STREAM = SOCK_STREAM, DGRAM = SOCK_DGRAM, SEQ = SOCK_SEQPACKET };
enum {
	CONN = K_SOCK,
	CONN_DG = K_SOCK | K_DGRAM,
	FRESH = K_SOCK | K_CONNECT,
	LISTENER = K_SOCK | K_LISTEN,
};

const struct kind socket_kinds[] = {
	{ "unix-stream", make_socket, AF_UNIX, STREAM, 0, CONN | K_BULK, act_feed, act_drain },
	{ "unix-stream-nb", make_socket, AF_UNIX, STREAM, S_NB, CONN | K_BULK },
	{ "unix-stream-nb-born", make_socket, AF_UNIX, STREAM, S_NB_BORN, CONN | K_BRIEF | K_BULK },
	{ "unix-stream-nb-ioctl", make_socket, AF_UNIX, STREAM, S_NB_IOCTL, CONN | K_BRIEF | K_BULK },
	{ "unix-stream-data", make_socket, AF_UNIX, STREAM, S_DATA, CONN, act_feed },
	{ "unix-stream-data-nb", make_socket, AF_UNIX, STREAM, S_DATA | S_NB, CONN },
	{ "unix-stream-data-eof", make_socket, AF_UNIX, STREAM, S_DATA | S_PEER_SHUT, CONN },
	{ "unix-stream-rights", make_socket, AF_UNIX, STREAM, S_DATA | S_RIGHTS, CONN, act_feed },
	{ "unix-stream-passcred", make_socket, AF_UNIX, STREAM, S_DATA | S_PASSCRED, CONN | K_BRIEF, act_feed },
	{ "unix-stream-oob", make_socket, AF_UNIX, STREAM, S_DATA | S_OOB, CONN, act_feed },
	{ "unix-stream-full", make_socket, AF_UNIX, STREAM, S_FULL, CONN | K_BULK, act_feed, act_drain },
	{ "unix-stream-full-nb", make_socket, AF_UNIX, STREAM, S_FULL | S_NB, CONN | K_BULK },
	{ "unix-stream-accepted", make_socket, AF_UNIX, STREAM, S_ACCEPTED | S_DATA, CONN | K_BRIEF, act_feed },
	{ "unix-stream-accepted-nb", make_socket, AF_UNIX, STREAM, S_ACCEPTED | S_NB_BORN, CONN | K_BRIEF },
	{ "unix-stream-inherited", make_socket, AF_UNIX, STREAM, 0, CONN | K_FORK | K_BRIEF | K_BULK, act_feed, act_drain },
	{ "unix-stream-shut-rd", make_socket, AF_UNIX, STREAM, S_SHUT_RD, CONN },
	{ "unix-stream-shut-wr", make_socket, AF_UNIX, STREAM, S_DATA | S_SHUT_WR, CONN | K_BROKEN, act_feed },
	{ "unix-stream-peer-shut", make_socket, AF_UNIX, STREAM, S_PEER_SHUT, CONN },
	{ "unix-stream-peer-closed", make_socket, AF_UNIX, STREAM, S_PEER_CLOSED, CONN | K_BROKEN },
	{ "unix-stream-peer-closed-nb", make_socket, AF_UNIX, STREAM, S_PEER_CLOSED | S_NB, CONN | K_BRIEF | K_BROKEN },
	{ "unix-stream-reset", make_socket, AF_UNIX, STREAM, S_RESET, CONN | K_BROKEN },
	{ "unix-stream-peer-leaves", make_socket, AF_UNIX, STREAM, 0, CONN | K_BULK | K_BRIEF | K_BROKEN, act_close_peer, act_close_peer },
	{ "unix-stream-full-peer-leaves", make_socket, AF_UNIX, STREAM, S_FULL, CONN | K_BULK | K_BRIEF | K_BROKEN, act_close_peer, act_close_peer },
	{ "unix-stream-shut-while", make_socket, AF_UNIX, STREAM, 0, CONN | K_BULK | K_BRIEF | K_BROKEN, act_shut_own, act_shut_own },
	{ "unix-stream-peer-shut-while", make_socket, AF_UNIX, STREAM, 0, CONN | K_BRIEF, act_shut_peer },
	{ "unix-stream-feed-eof", make_socket, AF_UNIX, STREAM, 0, CONN, act_feed_then_close },
	{ "unix-stream-rcvtimeo", make_socket, AF_UNIX, STREAM, S_RCVTIMEO, CONN | K_BRIEF | K_ONE_NAME },
	{ "unix-stream-data-rcvtimeo", make_socket, AF_UNIX, STREAM, S_DATA | S_RCVTIMEO, CONN },
	{ "unix-stream-sndtimeo", make_socket, AF_UNIX, STREAM, S_SNDTIMEO, CONN | K_BRIEF | K_ONE_NAME | K_BULK, act_feed },
	{ "unix-stream-full-sndtimeo", make_socket, AF_UNIX, STREAM, S_FULL | S_SNDTIMEO, CONN | K_BRIEF | K_ONE_NAME | K_BULK, act_feed },
	{ "unix-stream-fresh", make_fresh, AF_UNIX, STREAM, 0, FRESH },
	{ "unix-stream-fresh-nb", make_fresh, AF_UNIX, STREAM, S_NB, FRESH },
	{ "unix-stream-fresh-refused", make_fresh, AF_UNIX, STREAM, S_REFUSED, FRESH },
	{ "unix-stream-fresh-backlog", make_fresh, AF_UNIX, STREAM, S_BACKLOG, FRESH, NULL, act_accept },
	{ "unix-stream-fresh-backlog-nb", make_fresh, AF_UNIX, STREAM, S_BACKLOG | S_NB, FRESH },
	{ "unix-stream-fresh-backlog-sndtimeo", make_fresh, AF_UNIX, STREAM, S_BACKLOG | S_SNDTIMEO, FRESH | K_BRIEF | K_ONE_NAME },
	{ "unix-dgram", make_socket, AF_UNIX, DGRAM, 0, CONN_DG, act_feed, act_drain },
	{ "unix-dgram-nb", make_socket, AF_UNIX, DGRAM, S_NB, CONN_DG },
	{ "unix-dgram-data", make_socket, AF_UNIX, DGRAM, S_DATA, CONN_DG },
	{ "unix-dgram-data-nb", make_socket, AF_UNIX, DGRAM, S_DATA | S_NB, CONN_DG | K_BRIEF },
	{ "unix-dgram-rights", make_socket, AF_UNIX, DGRAM, S_DATA | S_RIGHTS, CONN_DG },
	{ "unix-dgram-full", make_socket, AF_UNIX, DGRAM, S_FULL, CONN_DG, act_feed, act_drain },
	{ "unix-dgram-full-nb", make_socket, AF_UNIX, DGRAM, S_FULL | S_NB, CONN_DG },
	{ "unix-dgram-unconnected", make_socket, AF_UNIX, DGRAM, S_UNCONNECTED | S_DATA, CONN_DG | K_CONNECT },
	{ "unix-dgram-unconnected-passcred", make_socket, AF_UNIX, DGRAM, S_UNCONNECTED | S_DATA | S_PASSCRED, CONN_DG | K_BRIEF },
	{ "unix-dgram-unconnected-empty", make_socket, AF_UNIX, DGRAM, S_UNCONNECTED, CONN_DG, act_feed, act_drain },
	{ "unix-dgram-peer-closed", make_socket, AF_UNIX, DGRAM, S_PEER_CLOSED | S_NB, CONN_DG | K_BRIEF | K_BROKEN },
	{ "unix-dgram-shut-wr", make_socket, AF_UNIX, DGRAM, S_SHUT_WR | S_DATA, CONN_DG | K_BRIEF | K_BROKEN },
	{ "unix-dgram-shut-rd", make_socket, AF_UNIX, DGRAM, S_SHUT_RD, CONN_DG | K_BRIEF | K_BROKEN },
	{ "unix-dgram-rcvtimeo", make_socket, AF_UNIX, DGRAM, S_RCVTIMEO, CONN_DG | K_BRIEF | K_ONE_NAME },
	{ "unix-dgram-full-sndtimeo", make_socket, AF_UNIX, DGRAM, S_FULL | S_SNDTIMEO, CONN_DG | K_BRIEF | K_ONE_NAME, act_feed },
	{ "unix-seqpacket", make_socket, AF_UNIX, SEQ, 0, CONN_DG, act_feed, act_drain },
	{ "unix-seqpacket-nb", make_socket, AF_UNIX, SEQ, S_NB, CONN_DG | K_BRIEF },
	{ "unix-seqpacket-data", make_socket, AF_UNIX, SEQ, S_DATA, CONN_DG },
	{ "unix-seqpacket-full-nb", make_socket, AF_UNIX, SEQ, S_FULL | S_NB, CONN_DG | K_BRIEF },
	{ "unix-seqpacket-peer-closed", make_socket, AF_UNIX, SEQ, S_PEER_CLOSED, CONN_DG | K_BROKEN },
	{ "unix-seqpacket-rcvtimeo", make_socket, AF_UNIX, SEQ, S_RCVTIMEO, CONN_DG | K_BRIEF | K_ONE_NAME },
	{ "unix-listener", make_listener, AF_UNIX, STREAM, S_DATA, LISTENER },
	{ "unix-listener-nb", make_listener, AF_UNIX, STREAM, S_DATA | S_NB, LISTENER },
	{ "unix-listener-empty", make_listener, AF_UNIX, STREAM, 0, LISTENER, act_connect },
	{ "unix-listener-empty-nb", make_listener, AF_UNIX, STREAM, S_NB, LISTENER },
	{ "unix-listener-empty-nb-born", make_listener, AF_UNIX, STREAM, S_NB_BORN, LISTENER | K_BRIEF },
	{ "unix-listener-empty-nb-ioctl", make_listener, AF_UNIX, STREAM, S_NB_IOCTL, LISTENER | K_BRIEF },
	{ "unix-listener-rcvtimeo", make_listener, AF_UNIX, STREAM, S_RCVTIMEO, LISTENER | K_BRIEF | K_ONE_NAME },
	{ "unix-listener-data-timeo", make_listener, AF_UNIX, STREAM, S_DATA | S_RCVTIMEO | S_SNDTIMEO, LISTENER | K_BRIEF | K_ONE_NAME },
	{ "unix-listener-shut", make_listener, AF_UNIX, STREAM, S_SHUT_RD, LISTENER | K_BRIEF },
	{ "unix-listener-shut-while", make_listener, AF_UNIX, STREAM, 0, LISTENER | K_BRIEF, act_shut_own },
	{ "unix-listener-emfile", make_listener, AF_UNIX, STREAM, S_DATA | S_EMFILE, LISTENER | K_BRIEF },
	{ "unix-listener-inherited", make_listener, AF_UNIX, STREAM, 0, LISTENER | K_FORK | K_BRIEF, act_connect },
	{ "unix-listener-inherited-nb", make_listener, AF_UNIX, STREAM, S_NB, LISTENER | K_FORK | K_BRIEF },
	{ "unix-seqpacket-listener", make_listener, AF_UNIX, SEQ, S_DATA, LISTENER | K_BRIEF },
	{ "tcp", make_socket, AF_INET, STREAM, 0, CONN | K_BULK, act_feed, act_drain },
	{ "tcp-nb", make_socket, AF_INET, STREAM, S_NB, CONN | K_VAGUE },
	{ "tcp-nb-born", make_socket, AF_INET, STREAM, S_NB_BORN, CONN | K_BRIEF | K_VAGUE },
	{ "tcp-data", make_socket, AF_INET, STREAM, S_DATA, CONN, act_feed },
	{ "tcp-data-nb", make_socket, AF_INET, STREAM, S_DATA | S_NB, CONN | K_BRIEF },
	{ "tcp-data-eof", make_socket, AF_INET, STREAM, S_DATA | S_PEER_SHUT, CONN | K_BRIEF },
	{ "tcp-oob", make_socket, AF_INET, STREAM, S_DATA | S_OOB, CONN, act_feed },
	{ "tcp-accepted", make_socket, AF_INET, STREAM, S_ACCEPTED | S_DATA, CONN | K_BRIEF, act_feed },
	{ "tcp-accepted-nb", make_socket, AF_INET, STREAM, S_ACCEPTED | S_NB_BORN, CONN | K_BRIEF },
	{ "tcp-full-nb", make_socket, AF_INET, STREAM, S_FULL | S_NB, CONN | K_BRIEF | K_ONE_NAME | K_VAGUE },
	{ "tcp-full", make_socket, AF_INET, STREAM, S_FULL, CONN | K_BRIEF | K_ONE_NAME | K_VAGUE | K_BULK, act_feed, act_drain },
	{ "tcp-shut-rd", make_socket, AF_INET, STREAM, S_SHUT_RD, CONN | K_BRIEF },
	{ "tcp-shut-wr", make_socket, AF_INET, STREAM, S_DATA | S_SHUT_WR, CONN | K_BROKEN, act_feed },
	{ "tcp-peer-shut", make_socket, AF_INET, STREAM, S_PEER_SHUT, CONN },
	{ "tcp-peer-closed", make_socket, AF_INET, STREAM, S_PEER_CLOSED, CONN | K_BRIEF | K_BROKEN },
	{ "tcp-reset", make_socket, AF_INET, STREAM, S_RESET, CONN | K_BROKEN },
	{ "tcp-reset-while", make_socket, AF_INET, STREAM, 0, CONN | K_BRIEF, act_reset_peer },
	{ "tcp-peer-leaves", make_socket, AF_INET, STREAM, 0, CONN | K_BRIEF, act_close_peer },
	{ "tcp-shut-while", make_socket, AF_INET, STREAM, 0, CONN | K_BRIEF, act_shut_own },
	{ "tcp-rcvtimeo", make_socket, AF_INET, STREAM, S_RCVTIMEO, CONN | K_BRIEF | K_ONE_NAME },
	{ "tcp-data-rcvtimeo", make_socket, AF_INET, STREAM, S_DATA | S_RCVTIMEO, CONN | K_BRIEF | K_ONE_NAME },
	{ "tcp-full-sndtimeo", make_socket, AF_INET, STREAM, S_FULL | S_SNDTIMEO, CONN | K_BRIEF | K_ONE_NAME | K_VAGUE, act_feed },
	{ "tcp-inherited", make_socket, AF_INET, STREAM, 0, CONN | K_FORK | K_BRIEF | K_BULK, act_feed, act_drain },
	{ "tcp-fresh", make_fresh, AF_INET, STREAM, 0, FRESH },
	{ "tcp-fresh-nb", make_fresh, AF_INET, STREAM, S_NB, FRESH },
	{ "tcp-fresh-refused", make_fresh, AF_INET, STREAM, S_REFUSED, FRESH },
	{ "tcp-fresh-refused-nb", make_fresh, AF_INET, STREAM, S_REFUSED | S_NB, FRESH | K_BRIEF },
	{ "tcp-fresh-backlog-sndtimeo", make_fresh, AF_INET, STREAM, S_BACKLOG | S_SNDTIMEO, FRESH | K_BRIEF | K_ONE_NAME },
	{ "tcp-listener", make_listener, AF_INET, STREAM, S_DATA, LISTENER },
	{ "tcp-listener-nb", make_listener, AF_INET, STREAM, S_DATA | S_NB, LISTENER | K_BRIEF },
	{ "tcp-listener-empty", make_listener, AF_INET, STREAM, 0, LISTENER, act_connect },
	{ "tcp-listener-empty-nb", make_listener, AF_INET, STREAM, S_NB, LISTENER },
	{ "tcp-listener-rcvtimeo", make_listener, AF_INET, STREAM, S_RCVTIMEO, LISTENER | K_BRIEF | K_ONE_NAME },
	{ "tcp-listener-data-timeo", make_listener, AF_INET, STREAM, S_DATA | S_RCVTIMEO | S_SNDTIMEO, LISTENER | K_BRIEF | K_ONE_NAME },
	{ "tcp-listener-shut-while", make_listener, AF_INET, STREAM, 0, LISTENER | K_BRIEF, act_shut_own },
	{ "udp", make_socket, AF_INET, DGRAM, 0, CONN_DG, act_feed },
	{ "udp-nb", make_socket, AF_INET, DGRAM, S_NB, CONN_DG | K_BRIEF },
	{ "udp-data", make_socket, AF_INET, DGRAM, S_DATA, CONN_DG },
	{ "udp-unconnected", make_socket, AF_INET, DGRAM, S_UNCONNECTED | S_DATA, CONN_DG | K_CONNECT },
	{ "udp-unconnected-empty-nb", make_socket, AF_INET, DGRAM, S_UNCONNECTED | S_NB, CONN_DG | K_BRIEF },
	{ "udp-rcvtimeo", make_socket, AF_INET, DGRAM, S_RCVTIMEO, CONN_DG | K_BRIEF | K_ONE_NAME },
	{ "udp-data-rcvtimeo", make_socket, AF_INET, DGRAM, S_DATA | S_RCVTIMEO, CONN_DG | K_BRIEF | K_ONE_NAME },
	{ "udp-shut-wr", make_socket, AF_INET, DGRAM, S_SHUT_WR | S_DATA, CONN_DG | K_BRIEF | K_BROKEN },
	{ "udp-bounced", make_bounced, AF_INET, DGRAM, S_REFUSED, CONN_DG | K_CONNECT },
	{ "tcp6", make_socket, AF_INET6, STREAM, S_DATA, CONN | K_BRIEF, act_feed },
	{ "tcp6-nb", make_socket, AF_INET6, STREAM, S_NB, CONN | K_BRIEF | K_VAGUE },
	{ "tcp6-listener", make_listener, AF_INET6, STREAM, S_DATA, LISTENER | K_BRIEF },
	{ "tcp6-listener-empty-nb", make_listener, AF_INET6, STREAM, S_NB, LISTENER | K_BRIEF },
	{ "tcp6-fresh", make_fresh, AF_INET6, STREAM, 0, FRESH | K_BRIEF },
	{ "tcp6-fresh-nb", make_fresh, AF_INET6, STREAM, S_NB, FRESH | K_BRIEF },
	{ "udp6-data", make_socket, AF_INET6, DGRAM, S_DATA | S_UNCONNECTED, CONN_DG | K_BRIEF },
	{ 0 },
};

/* SPDX-License-Identifier: MIT */
/* Calls of the random sequences on sockets. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "sequences.h"

static long moved(struct run *r, long n)
{
	r->moved = n > 0 && !(r->flags & MSG_PEEK) ? n : 0;
	return n;
}

/* Returns the address of the descriptor in slot "to"; family AF_UNSPEC if it has none. */
static socklen_t address_of_to(struct run *r, struct sockaddr_storage *ss)
{
	socklen_t len = sizeof(*ss);

	memset(ss, 0, sizeof(*ss));
	return raw_getsockname(r->to, ss, &len) < 0 ? (socklen_t)sizeof(struct sockaddr_in) : len;
}

/* Ports and names that the kernel chose are not printed. */
static void put_address(const struct sockaddr_storage *ss, socklen_t len)
{
	put(" addr=%d", (int)len);
	if (len >= sizeof(sa_family_t) && len <= sizeof(*ss))
		put("/%d", ss->ss_family);
}

static long run_send(struct run *r)
{
	return moved(r, send(r->fd, r->buf, r->len, r->flags));
}

static long run_recv(struct run *r)
{
	return moved(r, recv(r->fd, r->buf, r->len, r->flags));
}

static long run_sendto(struct run *r)
{
	struct sockaddr_storage ss;
	socklen_t len = address_of_to(r, &ss);

	if (!r->step->v[F_HOW])
		return moved(r, sendto(r->fd, r->buf, r->len, r->flags, NULL, 0));
	return moved(r, sendto(r->fd, r->buf, r->len, r->flags, (struct sockaddr *)&ss, len));
}

static long run_recvfrom(struct run *r)
{
	struct sockaddr_storage ss;
	socklen_t len = r->step->v[F_HOW] == 2 ? 3 : sizeof(ss);
	long n;

	if (!r->step->v[F_HOW])
		return moved(r, recvfrom(r->fd, r->buf, r->len, r->flags, NULL, NULL));
	memset(&ss, 0, sizeof(ss));
	n = recvfrom(r->fd, r->buf, r->len, r->flags, (struct sockaddr *)&ss, &len);
	put_address(&ss, len);
	return moved(r, n);
}

/* how: 0 plain, 1 with a descriptor, 2 with an invalid descriptor */
static long run_sendmsg(struct run *r)
{
	union { char space[CMSG_SPACE(sizeof(int))]; struct cmsghdr header; } control;
	struct msghdr msg = { .msg_iov = r->iov, .msg_iovlen = r->parts };
	int fd = r->step->v[F_HOW] == 1 ? r->fd : -1;

	if (r->step->v[F_HOW]) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.space);
		control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
						   .cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	return moved(r, sendmsg(r->fd, &msg, r->flags));
}

/* Received descriptors are closed again. */
static void put_control(struct msghdr *msg)
{
	put(" msg_flags=%#x control=%zu", (unsigned int)msg->msg_flags, msg->msg_controllen);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		int fd;

		if (c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
			continue;
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		put(" got-fd=%d/%d", fd, raw_fcntl(fd, F_GETFD, 0));
		close(fd);
	}
}

/* how: 0 plain, 1 with room for an address and a descriptor */
static long run_recvmsg(struct run *r)
{
	union { char space[CMSG_SPACE(sizeof(int))]; struct cmsghdr header; } control;
	struct sockaddr_storage ss;
	struct msghdr msg = { .msg_iov = r->iov, .msg_iovlen = r->parts };
	long n;

	memset(&ss, 0, sizeof(ss));
	if (r->step->v[F_HOW]) {
		msg.msg_name = &ss;
		msg.msg_namelen = sizeof(ss);
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.space);
	}
	n = recvmsg(r->fd, &msg, r->flags);
	if (n >= 0 && r->step->v[F_HOW]) {
		put_address(&ss, msg.msg_namelen);
		put_control(&msg);
	}
	return moved(r, n);
}

/*
 * A recvmmsg that fails after its first messages leaves the error for the socket's next call, even
 * ERESTARTSYS, which that call turns into some result. The library loses this error
 * (doc/semantics.md, limits), so the test clears it.
 */
static void forget_error(int fd)
{
	int error;
	socklen_t len = sizeof(error);

	raw_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
}

/* Each message has one part; "parts" is the number of messages. */
static long batch(struct run *r, bool out, struct timespec *timeout)
{
	struct mmsghdr many[PARTS];
	long sum = 0;
	int n;

	memset(many, 0, sizeof(many));
	for (int i = 0; i < r->parts; i++) {
		many[i].msg_hdr.msg_iov = &r->iov[i];
		many[i].msg_hdr.msg_iovlen = 1;
		many[i].msg_len = 777;
	}
	n = out ? sendmmsg(r->fd, many, r->parts, r->flags)
		: recvmmsg(r->fd, many, r->parts, r->flags, timeout);
	for (int i = 0; i < r->parts; i++) {
		put(" %u/%#x", many[i].msg_len, (unsigned int)many[i].msg_hdr.msg_flags);
		sum += i < n ? many[i].msg_len : 0;
	}
	moved(r, sum);
	if (!out && n > 0 && n < r->parts)
		forget_error(r->fd);
	return n;
}

static long run_sendmmsg(struct run *r)
{
	return batch(r, true, NULL);
}

/* how: 1 an expired timeout, 2 an invalid one */
static long run_recvmmsg(struct run *r)
{
	struct timespec ts = { 0, r->step->v[F_HOW] == 2 ? -1 : 0 };

	return batch(r, false, r->step->v[F_HOW] ? &ts : NULL);
}

static long run_shutdown(struct run *r)
{
	return shutdown(r->fd, r->step->v[F_HOW]);
}

static long run_listen(struct run *r)
{
	return listen(r->fd, r->step->v[F_HOW]);
}

/* how: 0 as it is, 1 dissolves the association, 2 an address that is too short */
static long run_connect(struct run *r)
{
	struct sockaddr_storage ss;
	socklen_t len = address_of_to(r, &ss);
	struct object *own = object_of(r->fd), *o = object_of(r->to);
	int ret;

	if (r->step->v[F_HOW] == 1)
		ss.ss_family = AF_UNSPEC;
	if (r->step->v[F_HOW] == 2)
		len = 1;
	ret = connect(r->fd, (struct sockaddr *)&ss, len);
	if ((ret == 0 || errno == EINPROGRESS) && r->step->v[F_HOW] == 0 && own && o &&
	    o->kind->traits & T_LISTENER && own->kind->traits & T_LOOSE && o->npending < 16) {
		o->pending[o->npending++] = own;
		raw_poll(r->to, POLLIN, 200);
	}
	return ret;
}

/* The new descriptor's peer is the client that connected first. */
static long accepted_one(struct run *r, int fd)
{
	struct object *o = object_of(r->fd), *new;

	if (fd < 0)
		return fd;
	new = slot_fill(r->step->v[F_TO], fd, o && o->kind->traits & T_UNIX ? kind_accepted_unix
								   : kind_accepted, -1);
	if (!o || !new || !o->npending)
		return fd;
	new->peer = o->pending[0];
	new->peer->peer = new;
	memmove(o->pending, o->pending + 1, --o->npending * sizeof(o->pending[0]));
	return fd;
}

static long run_accept(struct run *r)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd;

	if (!r->step->v[F_HOW])
		return accepted_one(r, accept(r->fd, NULL, NULL));
	memset(&ss, 0, sizeof(ss));
	fd = accept(r->fd, (struct sockaddr *)&ss, &len);
	put_address(&ss, len);
	return accepted_one(r, fd);
}

static long run_accept4(struct run *r)
{
	return accepted_one(r, accept4(r->fd, NULL, NULL, r->flags));
}

static long run_so_error(struct run *r)
{
	int error = -1;
	socklen_t len = sizeof(error);
	int ret = getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &len);

	put(" error=%s", error > 0 ? errno_name(error) : "none");
	return ret;
}

/* how: bit 0: for sending; bit 1: switched off */
static long run_timeout(struct run *r)
{
	struct timeval tv = { 0, r->step->v[F_HOW] & 2 ? 0 : 4000 };
	struct object *o = object_of(r->fd);
	int ret = setsockopt(r->fd, SOL_SOCKET, r->step->v[F_HOW] & 1 ? SO_SNDTIMEO : SO_RCVTIMEO,
			     &tv, sizeof(tv));

	if (ret == 0 && o && !(r->step->v[F_HOW] & 2))
		o->timed = true;
	return ret;
}

static const long send_flags[] = { 0, 0, 0, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_EOR, MSG_CONFIRM, -1 };
static const long recv_flags[] = {
	0, 0, 0, MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_PEEK | MSG_TRUNC, MSG_OOB,
	MSG_ERRQUEUE, MSG_PEEK | MSG_WAITALL, -1
};
static const long many_flags[] = { 0, 0, MSG_DONTWAIT, MSG_WAITFORONE, MSG_PEEK, MSG_WAITALL, -1 };
static const long accept_flags[] = { 0, SOCK_NONBLOCK, SOCK_CLOEXEC, 0x10, -1 };

enum { MESSAGE = SLOT | LEN | BUFFER | WAIT | FLAGS };

const struct call socket_calls[] = {
	{ "send", MESSAGE, T_SOCKET, 12, D_OUT, run_send, send_flags },
	{ "recv", MESSAGE, T_SOCKET, 14, D_IN, run_recv, recv_flags },
	{ "sendto", MESSAGE | TO | HOW, T_SOCKET, 6, D_OUT, run_sendto, send_flags, 2 },
	{ "recvfrom", MESSAGE | HOW, T_SOCKET, 8, D_IN, run_recvfrom, recv_flags, 3 },
	{ "sendmsg", MESSAGE | SPLIT | HOW, T_SOCKET, 8, D_OUT, run_sendmsg, send_flags, 3 },
	{ "recvmsg", MESSAGE | SPLIT | HOW, T_SOCKET, 8, D_IN, run_recvmsg, recv_flags, 2 },
	{ "sendmmsg", MESSAGE | SPLIT, T_SOCKET, 6, D_OUT, run_sendmmsg, send_flags },
	{ "recvmmsg", MESSAGE | SPLIT | HOW, T_SOCKET, 6, D_IN, run_recvmmsg, many_flags, 3 },
	{ "shutdown", SLOT | HOW, T_SOCKET, 4, D_NONE, run_shutdown, NULL, 4 },
	{ "listen", SLOT | HOW, T_LISTENER, 1, D_NONE, run_listen, NULL, 5 },
	{ "connect", SLOT | TO | HOW | WAIT, T_LOOSE, 12, D_NONE, run_connect, NULL, 3 },
	{ "accept", SLOT | TO | HOW | WAIT, T_LISTENER, 8, D_NONE, run_accept, NULL, 2 },
	{ "accept4", SLOT | TO | FLAGS | WAIT, T_LISTENER, 4, D_NONE, run_accept4, accept_flags },
	{ "so_error", SLOT, T_SOCKET, 3, D_NONE, run_so_error },
	{ "timeout", SLOT | HOW, T_SOCKET, 4, D_NONE, run_timeout, NULL, 4 },
	{ NULL },
};

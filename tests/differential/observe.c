/* SPDX-License-Identifier: MIT */
/* Collects everything a program can observe of a call, and writes it into one line. */
#include "differential.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void put(char **p, char *end, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(*p, end - *p, fmt, ap);
	va_end(ap);
	*p += n < end - *p ? n : end - *p - 1;
}

const char *errno_name(int e)
{
	static char text[16];
	const char *name = strerrorname_np(e);

	if (name)
		return name;
	snprintf(text, sizeof(text), "errno%d", e);
	return text;
}

uint32_t hash_bytes(uint32_t h, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

enum { HASH_START = 0x811c9dc5 };

/* Prints the first bytes in readable form and a hash of all bytes. */
static void put_data(char **p, char *end, const char *what, const char *data, size_t len)
{
	put(p, end, " %s=%zu:", what, len);
	for (size_t i = 0; i < len && i < 10; i++) {
		unsigned char c = data[i];

		if (c > ' ' && c < 127 && c != '\\')
			put(p, end, "%c", c);
		else
			put(p, end, "\\%02x", c);
	}
	put(p, end, ":%08x", hash_bytes(HASH_START, data, len));
}

/* Reads once from the peer. Returns the number of bytes, or 0 when there are none for now. */
static long peer_gulp(struct object *o, bool *end_seen)
{
	static char buf[65536];
	char control[256];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control, .msg_controllen = sizeof(control) };
	long n;

	if (!o->peer_is_sock) {
		n = raw_read(o->peer, buf, sizeof(buf));
		*end_seen |= n == 0;
	} else {
		n = raw_recvmsg(o->peer, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		*end_seen |= n == 0 && o->type != SOCK_DGRAM;
		if (n >= 0 && o->flags & K_DGRAM)
			o->got_msgs += n > 0 || o->type == SOCK_DGRAM;
	}
	if (n < 0)
		return n == -EAGAIN ? -1 : n;
	o->got += n;
	o->got_hash = hash_bytes(o->got_hash ? o->got_hash : HASH_START, buf, n);
	for (struct cmsghdr *cm = o->peer_is_sock ? CMSG_FIRSTHDR(&msg) : NULL; cm; cm = CMSG_NXTHDR(&msg, cm)) {
		int fd;

		if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
		raw_close(fd);
		o->got_rights++;
	}
	return n == 0 && o->type == SOCK_DGRAM ? 1 : n;
}

void peer_drain(struct object *o)
{
	bool end_seen = false;

	while (peer_gulp(o, &end_seen) > 0)
		;
}

/* Drains the peer until everything sent has arrived; the loopback can take a moment. */
static void report_peer(struct object *o, uint64_t expected, char **p, char *end)
{
	bool end_seen = false;
	long n;

	if (o->peer < 0 || o->flags & (K_FILE | K_LISTEN))
		return;
	for (int tries = 0; tries < 400; tries++) {
		while ((n = peer_gulp(o, &end_seen)) > 0)
			;
		if (o->got >= expected || n < -1 || end_seen)
			break;
		raw_poll(o->peer, POLLIN, 5);
	}
	if (o->flags & K_VAGUE)
		return;
	if (o->got || o->got_msgs)
		put(p, end, " peer=%llu:%08x", (unsigned long long)o->got, o->got_hash);
	if (o->got_msgs)
		put(p, end, "/%u", o->got_msgs);
	if (o->got_rights)
		put(p, end, " peer-rights=%u", o->got_rights);
	if (end_seen)
		put(p, end, " peer-eof");
	else if (n < -1 && n != -EBADF)	/* the peer of a pipe's reader cannot be read */
		put(p, end, " peer-%s", errno_name(-n));
}

static void report_address(struct object *o, const void *addr, socklen_t len, socklen_t room,
			   char **p, char *end)
{
	const struct sockaddr *sa = addr;
	socklen_t shown = len < room ? len : room;

	put(p, end, " addr=%d", (int)len);
	if (len == 0 || shown < sizeof(sa->sa_family) || (int)room < 0)
		return;
	put(p, end, ":family%d", sa->sa_family);
	if (len == o->peer_name_len && !memcmp(addr, &o->peer_name, shown))
		put(p, end, ":peer");
}

static void report_control(struct args *a, char **p, char *end)
{
	struct msghdr *m = &a->hdr;

	put(p, end, " control=%zu", (size_t)m->msg_controllen);
	if (m->msg_controllen > a->control_room)
		return;
	for (struct cmsghdr *cm = CMSG_FIRSTHDR(m); cm; cm = CMSG_NXTHDR(m, cm)) {
		int fd;

		put(p, end, "[%d,%d,%zu", cm->cmsg_level, cm->cmsg_type, (size_t)cm->cmsg_len);
		if (cm->cmsg_level == SOL_SOCKET && cm->cmsg_type == SCM_RIGHTS) {
			memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
			put(p, end, ",fdflags=%d", raw_fcntl(fd, F_GETFD, 0));
			raw_close(fd);
		}
		put(p, end, "]");
	}
}

static void report_recvmsg(struct object *o, struct args *a, char **p, char *end)
{
	put(p, end, " msg_flags=%#x", (unsigned int)a->hdr.msg_flags);
	if (a->hdr.msg_name)
		report_address(o, a->hdr.msg_name, a->hdr.msg_namelen, a->name_room, p, end);
	if (a->hdr.msg_control)
		report_control(a, p, end);
}

/* Gathers the received bytes of a vector in one place. */
static size_t gather(const struct iovec *iov, int cnt, size_t len, char *to, size_t room)
{
	size_t done = 0;

	for (int i = 0; i < cnt && done < len && done < room; i++) {
		size_t n = iov[i].iov_len < len - done ? iov[i].iov_len : len - done;

		if (n > room - done)
			n = room - done;
		memcpy(to + done, iov[i].iov_base, n);
		done += n;
	}
	return done;
}

static char gathered[BIG];

static bool in_vector(const struct args *a, size_t at, size_t len)
{
	for (int i = 0; i < a->iovcnt && len; i++) {
		size_t n = a->vec[i].iov_len < len ? a->vec[i].iov_len : len;
		size_t start = (char *)a->vec[i].iov_base - a->buf;

		if (n && at >= start && at < start + n)
			return true;
		len -= n;
	}
	return false;
}

/* Counts the bytes that changed although the call did not claim them. */
static size_t stray_bytes(const struct args *a, const struct call *c, size_t len)
{
	size_t stray = 0;

	for (size_t i = 0; i < a->touchable && i < 20000; i++) {
		bool claimed = c->shape & SH_VECTORS ? in_vector(a, i, len) : i < len;

		stray += !claimed && (unsigned char)a->buf[i] != 0xa5;
	}
	return stray;
}

static void report_received(struct object *o, struct args *a, const struct call *c, long ret,
			    char **p, char *end)
{
	size_t room = a->len < (size_t)ret ? a->len : (size_t)ret, n = 0, stray;

	if (c->shape & SH_BUFFERS && a->buf && room)
		n = gather(&(struct iovec){ a->buf, room }, 1, room, gathered, BIG);
	else if (c->shape & SH_VECTORS)
		n = gather(a->vec, a->iovcnt, ret, gathered, BIG);
	if (n && !(o->flags & K_OPAQUE))
		put_data(p, end, "data", gathered, n);
	if (c->shape & SH_MMSG)
		return;
	stray = stray_bytes(a, c, n);
	if (stray)
		put(p, end, " stray=%zu", stray);
}

static void report_mmsg(struct object *o, struct args *a, const struct call *c, long ret,
			char **p, char *end)
{
	for (long i = 0; i < ret && i < 8; i++) {
		struct mmsghdr *m = &a->many[i];

		if (c->dir == DIR_OUT) {
			put(p, end, " len=%u", m->msg_len);
			continue;
		}
		put_data(p, end, "data", a->vec[i].iov_base,
			 m->msg_len < a->vec[i].iov_len ? m->msg_len : a->vec[i].iov_len);
		put(p, end, " len=%u msg_flags=%#x", m->msg_len, (unsigned int)m->msg_hdr.msg_flags);
		if (m->msg_hdr.msg_name)
			report_address(o, m->msg_hdr.msg_name, m->msg_hdr.msg_namelen, sizeof(a->name), p, end);
	}
}

static long inherited_timeout(int fd, int name)
{
	struct timeval tv = { 0, 0 };
	socklen_t len = sizeof(tv);

	raw_getsockopt(fd, SOL_SOCKET, name, &tv, &len);
	return tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

static void report_accepted(struct object *o, int fd, int lowest, char **p, char *end)
{
	char c = 0;

	put(p, end, "fd%s", fd == lowest ? "" : "(not the lowest)");
	put(p, end, " flags=%#o cloexec=%d", (unsigned int)raw_fcntl(fd, F_GETFL, 0),
	    raw_fcntl(fd, F_GETFD, 0));
	if (inherited_timeout(fd, SO_RCVTIMEO) || inherited_timeout(fd, SO_SNDTIMEO))
		put(p, end, " timeouts=%ld/%ld", inherited_timeout(fd, SO_RCVTIMEO),
		    inherited_timeout(fd, SO_SNDTIMEO));
	if (raw_send(o->peer, "q", 1, 0) == 1 && raw_poll(fd, POLLIN, 1000) && raw_read(fd, &c, 1) == 1)
		put(p, end, " talks=%c", c);
	close(fd);
}

static void report_connected(struct object *o, int err, char **p, char *end)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int later = 0;
	socklen_t later_len = sizeof(later);

	if (err == EINPROGRESS && !(o->state & S_BACKLOG)) {
		raw_poll(o->fd, POLLOUT, 2000);
		raw_getsockopt(o->fd, SOL_SOCKET, SO_ERROR, &later, &later_len);
		put(p, end, " later=%s", later ? errno_name(later) : "0");
	}
	if (raw_getpeername(o->fd, &ss, &len) < 0)
		put(p, end, " unconnected");
	else
		put(p, end, " connected%s", len == o->target_len && !memcmp(&ss, &o->target, len) ? "" : "(elsewhere)");
}

static void report_file(struct object *o, char **p, char *end)
{
	static char buf[65536];
	long size = raw_lseek(o->verify, 0, SEEK_END);
	long n = raw_pread(o->verify, buf, sizeof(buf), 0);
	uint32_t h = n > 0 ? hash_bytes(HASH_START, buf, n) : 0;

	put(p, end, " file=%ld:%08x", size, h);
}

/* Reports the state of the descriptor after the call. */
static void report_descriptor(struct object *o, bool left_matters, int fl_before, char **p, char *end)
{
	long pos = raw_lseek(o->fd, 0, SEEK_CUR);
	int left = 0, err = 0, fl = raw_fcntl(o->fd, F_GETFL, 0);
	socklen_t len = sizeof(err);

	if (pos >= 0)
		put(p, end, " pos=%ld", pos);
	else if (left_matters && raw_ioctl(o->fd, FIONREAD, &left) == 0 && left)
		put(p, end, " left=%d", left);
	if (fl != fl_before)
		put(p, end, " flags-changed=%#o->%#o", (unsigned int)fl_before, (unsigned int)fl);
	if (o->flags & K_SOCK && raw_getsockopt(o->fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 && err)
		put(p, end, " so_error=%s", errno_name(err));
}

static void report_shut(struct object *o, struct args *a, char **p, char *end)
{
	if (a->flags != SHUT_RD && o->peer >= 0 && o->flags & K_SOCK && !(o->flags & (K_DGRAM | K_LISTEN)))
		raw_poll(o->peer, POLLRDHUP, 1000);
	put(p, end, " poll=%#x",
	    (unsigned int)raw_poll(o->fd, POLLIN | POLLRDHUP | (o->flags & K_VAGUE ? 0 : POLLOUT), 0));
}

static uint64_t bytes_sent(const struct args *a, const struct call *c, long ret)
{
	uint64_t sum = 0;

	if (c->dir != DIR_OUT || ret <= 0 || c->shape & (SH_CONNECT | SH_SHUT | SH_SYNCS))
		return 0;
	if (!(c->shape & SH_MMSG))
		return ret;
	for (long i = 0; i < ret && i < 8; i++)
		sum += a->many[i].msg_len;
	return sum;
}

static void report_result(struct object *o, struct args *a, const struct call *c, long ret, int err,
			  int lowest, char **p, char *end)
{
	uint64_t sent = bytes_sent(a, c, ret);

	put(p, end, " = ");
	if (ret < 0)
		put(p, end, "%ld %s", ret, errno_name(err));
	else if (c->shape & SH_ACCEPTS)
		report_accepted(o, ret, lowest, p, end);
	else if (o->flags & K_VAGUE && sent > 64)
		put(p, end, "some");
	else
		put(p, end, "%ld", ret);
	if (ret >= 0 && err != ENOTBLK)
		put(p, end, " errno-touched=%s", errno_name(err));
}

/* Returns false if others still use the descriptor, or if the peer reports the rest. */
static bool left_matters(const struct object *o, const struct call *c, const struct arg_case *ac)
{
	if (o->flags & (K_VAGUE | K_LISTEN) || o->state & S_WRITE_END)
		return false;
	return !(ac->marks & C_BULK && c->dir == DIR_IN);
}

void observe(struct object *o, struct args *a, const struct call *c, const struct arg_case *ac,
	     long ret, int err, int lowest_before, int fl_before, char **p, char *end)
{
	report_result(o, a, c, ret, err, lowest_before, p, end);
	if (c->dir == DIR_IN && ret >= 0 && !(c->shape & (SH_ACCEPTS | SH_MMSG)))
		report_received(o, a, c, ret, p, end);
	if (c->shape & SH_MMSG)
		report_mmsg(o, a, c, ret, p, end);
	if (c->shape & SH_MSG && c->dir == DIR_IN && ret >= 0)
		report_recvmsg(o, a, p, end);
	if (a->addrlenp == &a->namelen && c->dir == DIR_IN && ret >= 0)
		report_address(o, &a->name, a->namelen, a->name_room, p, end);
	signals_report(ac, p, end);
	if (c->shape & SH_CONNECT)
		report_connected(o, ret < 0 ? err : 0, p, end);
	if (c->shape & SH_SHUT && ret == 0)
		report_shut(o, a, p, end);
	report_descriptor(o, left_matters(o, c, ac), fl_before, p, end);
	if (o->verify >= 0)
		report_file(o, p, end);
	report_peer(o, ac->marks & C_HELD_BACK ? 0 : bytes_sent(a, c, ret), p, end);
	if (o->note[0])
		put(p, end, " %s", o->note);
}

/* SPDX-License-Identifier: MIT */
/* Observes the state after each step, with system calls that bypass any preload library. */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "sequences.h"

/* Kept in memory until the end of the sequence, which may lower the file size limit. */
static char text[8 << 20];
static size_t text_len;

void put(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text + text_len, sizeof(text) - text_len, fmt, ap);
	va_end(ap);
	if (n > 0 && text_len + n < sizeof(text))
		text_len += n;
}

void put_flush(void)
{
	size_t done = 0;

	while (done < text_len) {
		long n = raw_write(1, text + done, text_len - done);

		if (n <= 0)
			break;
		done += n;
	}
	text_len = 0;
}

const char *errno_name(int e)
{
	static char number[16];
	const char *name = strerrorname_np(e);

	if (name)
		return name;
	snprintf(number, sizeof(number), "errno%d", e);
	return number;
}

uint32_t hash_bytes(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = 0xcbf29ce484222325, word;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&word, p, 8);
		h = (h ^ word) * 0x100000001b3;
		h ^= h >> 29;
	}
	while (len--)
		h = (h ^ *p++) * 0x100000001b3;
	return h ^ h >> 32;
}

int lowest_free(void)
{
	int fd = raw_fcntl(1, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0)
		raw_close(fd);
	return fd;
}

static int readable(int fd)
{
	int n = -1;

	return raw_ioctl(fd, FIONREAD, &n) < 0 ? -1 : n;
}

/* Waits until the expected bytes are there: terminals and TCP deliver a little later. */
static void await_bytes(struct object *o)
{
	int fd = live_fd(o);

	if (fd < 0 || !(o->kind->traits & T_LATE) || o->kind->traits & T_LISTENER)
		return;
	for (int tries = 0; tries < 1000; tries++) {
		int n = readable(fd);

		if (n < 0 || n == o->expected)
			return;
		raw_sleep_us(tries < 20 ? 50 : 500);
	}
	o->expected = readable(fd);
}

/* Waits also for the end of a connection, which is delivered later, too. */
void settle(struct object *o)
{
	int fd;

	if (!o)
		return;
	await_bytes(o);
	if (o->peer)
		await_bytes(o->peer);
	if (o->kind->traits & T_DATAGRAMS && o->sent)
		raw_poll(live_fd(o->peer ? o->peer : o), o->peer ? POLLIN : POLLPRI, o->peer ? 20 : 3);
	fd = o->peer && live_fd(o) < 0 && o->kind->traits & T_LATE ? live_fd(o->peer) : -1;
	if (fd >= 0)
		raw_poll(fd, POLLRDHUP, 100);
}

static void put_contents(const struct object *o)
{
	static char contents[1 << 20];
	struct stat st;
	long n;

	if (raw3(SYS_fstat, o->verify, (long)&st, 0) < 0)
		return;
	n = raw_pread(o->verify, contents, sizeof(contents), 0);
	put(" size=%ld contents=%08x", (long)st.st_size, n < 0 ? 0 : hash_bytes(contents, n));
}

static void put_state(int fd, const struct object *o)
{
	int n;

	put(" poll=%#x", raw_poll(fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0));
	if (o->verify >= 0 || o->kind->traits & T_EPOLL)
		return;
	n = readable(fd);
	if (n >= 0)
		put(" in=%d", n);
	n = -1;
	if (o->kind->traits & T_UNIX && raw_ioctl(fd, SIOCOUTQ, &n) == 0)
		put(" out=%d", n);
}

static void observe_slot(const char *what, int slot)
{
	int fd = slots[slot].fd, peer;
	struct object *o = object_of(fd);
	long pos;

	put(" | %s", what);
	if (fd < 0 || !o) {
		put(" %d closed", fd);
		return;
	}
	put(" %d fl=%#lx", fd, (long)raw_fcntl(fd, F_GETFL, 0) & (O_NONBLOCK | O_APPEND | O_ACCMODE));
	put_state(fd, o);
	pos = raw_lseek(fd, 0, SEEK_CUR);
	if (pos >= 0 && !(o->kind->traits & T_DEVICE))
		put(" pos=%ld", pos);
	if (o->verify >= 0)
		put_contents(o);
	peer = o->peer ? live_fd(o->peer) : -1;
	if (peer >= 0) {
		put(" peer");
		put_state(peer, o->peer);
	}
}

void observe(const struct step *s, const struct run *r)
{
	if (s->call->fields & SLOT)
		settle(object_of(slots[s->v[F_SLOT]].fd));
	if (s->call->fields & TO)
		settle(object_of(slots[s->v[F_TO]].fd));
	if (s->call->fields & SLOT)
		observe_slot("slot", s->v[F_SLOT]);
	if (s->call->fields & TO)
		observe_slot("to", s->v[F_TO]);
	put(" free=%d", lowest_free());
}

/* Prints the data that nobody has read. */
void observe_rest(void)
{
	static char bytes[ROOM];

	for (int i = 0; i < SLOTS; i++) {
		struct object *o = slots[i].object;
		long n, sum = 0;
		uint32_t hash = 0;

		if (!o || o->verify >= 0 || o->kind->traits & (T_ENDLESS | T_LISTENER | T_EPOLL) ||
		    !(o->kind->traits & T_READS))
			continue;
		settle(o);
		while (raw_poll(slots[i].fd, POLLIN, 0) & POLLIN && sum < ROOM &&
		       (n = raw_read(slots[i].fd, bytes, sizeof(bytes))) > 0) {
			hash = hash * 31 + hash_bytes(bytes, n);
			sum += n;
			o->expected -= n;
		}
		if (sum)
			put("left slot=%d %ld %08x\n", i, sum, hash);
	}
}

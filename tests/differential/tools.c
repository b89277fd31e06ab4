/* SPDX-License-Identifier: MIT */
/* Helpers shared by the make functions of all kinds. */
#include "differential.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *disk_dir, *shm_dir;
int spare_fd = -1;

void pattern(char *buf, size_t len, unsigned int seed)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = 'a' + (i + i / 26 + seed * 5) % 26;
}

int cannot(struct object *o, const char *what, long negative_errno)
{
	if (!o->reason[0])
		snprintf(o->reason, sizeof(o->reason), "%s: %s", what, errno_name(-negative_errno));
	return -1;
}

int also_close(struct object *o, int fd)
{
	if (fd >= 0 && o->naux < sizeof(o->aux) / sizeof(o->aux[0]))
		o->aux[o->naux++] = fd;
	return fd;
}

void object_init(struct object *o, const struct kind *k)
{
	memset(o, 0, sizeof(*o));
	o->fd = -1;
	o->peer = -1;
	o->verify = -1;
	o->state = k->state;
	o->flags = k->flags;
	o->family = k->family;
	o->type = k->type;
}

/* Avoids TIME_WAIT, because thousands of connections would use up the port numbers. */
static void close_at_once(const struct object *o, int fd)
{
	struct linger l = { 1, 0 };

	if (o->flags & K_SOCK && (o->family == AF_INET || o->family == AF_INET6))
		raw_setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

void object_close(struct object *o)
{
	if (o->fd >= 0 && o->fd != FD_HUGE) {
		close_at_once(o, o->fd);
		close(o->fd);
	}
	if (o->peer >= 0) {
		close_at_once(o, o->peer);
		raw_close(o->peer);
	}
	if (o->verify >= 0)
		raw_close(o->verify);
	for (unsigned int i = 0; i < o->naux; i++)
		raw_close(o->aux[i]);
	if (o->undo)
		o->undo(o);
}

int scratch_path(char *path, size_t size, const char *dir, const char *what)
{
	static unsigned int serial;

	return snprintf(path, size, "%s/differential-%d-%u-%s", dir, getpid(), serial++, what);
}

int lowest_free_fd(void)
{
	int fd = raw_fcntl(spare_fd, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0)
		raw_close(fd);
	return fd;
}

int set_nonblock(struct object *o, unsigned int state)
{
	int on = 1, fl;

	if (state & S_NB_IOCTL && ioctl(o->fd, FIONBIO, &on) < 0)
		return cannot(o, "ioctl(FIONBIO)", -errno);
	if (!(state & S_NB))
		return 0;
	fl = fcntl(o->fd, F_GETFL);
	if (fl < 0 || fcntl(o->fd, F_SETFL, fl | O_NONBLOCK) < 0)
		return cannot(o, "fcntl(F_SETFL)", -errno);
	return 0;
}

/* Waits until so many bytes are readable; loopback and ttys deliver a little later. */
bool wait_readable_bytes(int fd, int bytes)
{
	for (int tries = 0; tries < 2000; tries++) {
		int there = 0;

		if (raw_ioctl(fd, FIONREAD, &there) == 0 && there >= bytes)
			return true;
		raw_sleep_us(500);
	}
	return false;
}

/* Uses the descriptor as a program would have done before its state changes. */
void learn(struct object *o)
{
	char c = 'l';

	if (o->flags & K_LISTEN || o->peer < 0)
		return;
	if (o->state & S_WRITE_END) {
		if (write(o->fd, &c, 1) == 1)
			raw_read(o->peer, &c, 1);
		return;
	}
	if (raw_write(o->peer, &c, 1) == 1 && raw_poll(o->fd, POLLIN, 1000))
		if (read(o->fd, &c, 1) != 1)
			snprintf(o->note, sizeof(o->note), "could-not-learn");
	if (!(o->flags & K_SOCK) || o->state & (S_UNCONNECTED | S_SHUT_WR))
		return;
	if (write(o->fd, &c, 1) == 1 && raw_poll(o->peer, POLLIN, 1000))
		raw_read(o->peer, &c, 1);
}

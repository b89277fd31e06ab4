/* SPDX-License-Identifier: MIT */
/* Calls of the random sequences: making descriptors, names, waits and streams. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "sequences.h"

/* The other end of a pair goes to the slot "to". */
static long run_make(struct run *r)
{
	const struct kind *k = &kinds[r->step->v[F_KIND]];
	struct object *a, *b;
	int fds[2] = { -1, -1 }, verify = -1;

	if (k->make(k, fds, &verify) < 0)
		put(" not-made-%s", errno_name(errno));
	a = slot_fill(r->step->v[F_SLOT], fds[0], k, verify);
	if (k->pairs) {
		b = slot_fill(r->step->v[F_TO], fds[1], k, -1);
		if (a && b) {
			a->peer = b;
			b->peer = a;
		}
	}
	put(" fds=%d,%d", fds[0], fds[1]);
	return 0;
}

static const char *name_of(struct run *r, enum field f)
{
	static char names[2][200];
	char *name = names[f == F_OTHER];

	make_name(r->step->v[f], name, sizeof(names[0]));
	return name;
}

static long opened(struct run *r, int fd)
{
	int verify = -1;
	char path[40];
	struct stat st;

	if (fd < 0)
		return fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (raw3(SYS_fstat, fd, (long)&st, 0) == 0 && S_ISREG(st.st_mode))
		verify = keep_apart(raw_open(path, O_RDONLY, 0));
	slot_fill(r->step->v[F_TO], fd, kind_named, verify);
	return fd;
}

static long run_open(struct run *r)
{
	return opened(r, open(name_of(r, F_NAME), r->flags, 0640));
}

static long run_openat(struct run *r)
{
	return opened(r, openat(AT_FDCWD, name_of(r, F_NAME), r->flags, 0604));
}

static long run_creat(struct run *r)
{
	return opened(r, creat(name_of(r, F_NAME), 0666));
}

static long put_stat(long ret, const struct stat *st)
{
	if (ret == 0)
		put(" mode=%o size=%ld links=%ld", st->st_mode, S_ISDIR(st->st_mode) ? 0 : (long)st->st_size,
		    (long)st->st_nlink);
	return ret;
}

static long run_stat(struct run *r)
{
	struct stat st;

	return put_stat(stat(name_of(r, F_NAME), &st), &st);
}

static long run_lstat(struct run *r)
{
	struct stat st;

	return put_stat(lstat(name_of(r, F_NAME), &st), &st);
}

static long run_fstat(struct run *r)
{
	struct stat st;

	return put_stat(fstat(r->fd, &st), &st);
}

static long run_fstatat(struct run *r)
{
	struct stat st;

	return put_stat(fstatat(r->fd, r->step->v[F_HOW] ? "" : "n0", &st,
				r->step->v[F_HOW] ? AT_EMPTY_PATH : 0), &st);
}

static long run_statx(struct run *r)
{
	struct statx st;
	long ret = statx(AT_FDCWD, name_of(r, F_NAME), r->flags, STATX_BASIC_STATS, &st);

	if (ret == 0)
		put(" mode=%o size=%ld", st.stx_mode, S_ISDIR(st.stx_mode) ? 0 : (long)st.stx_size);
	return ret;
}

static long run_unlink(struct run *r)
{
	return unlink(name_of(r, F_NAME));
}

static long run_unlinkat(struct run *r)
{
	return unlinkat(AT_FDCWD, name_of(r, F_NAME), r->step->v[F_HOW] ? AT_REMOVEDIR : 0);
}

static long run_rename(struct run *r)
{
	return rename(name_of(r, F_NAME), name_of(r, F_OTHER));
}

static long run_renameat2(struct run *r)
{
	return renameat2(AT_FDCWD, name_of(r, F_NAME), AT_FDCWD, name_of(r, F_OTHER), r->step->v[F_HOW]);
}

static long run_mkdir(struct run *r)
{
	return mkdir(name_of(r, F_NAME), 0751);
}

static long run_symlink(struct run *r)
{
	return symlink(name_of(r, F_NAME), name_of(r, F_OTHER));
}

static long run_link(struct run *r)
{
	return link(name_of(r, F_NAME), name_of(r, F_OTHER));
}

static long run_setxattr(struct run *r)
{
	return setxattr(name_of(r, F_NAME), "user.s", "value", 5, r->step->v[F_HOW]);
}

static long run_getxattr(struct run *r)
{
	char value[8] = "";
	long n = getxattr(name_of(r, F_NAME), "user.s", value, r->step->v[F_HOW] ? 2 : sizeof(value));

	put(" value=%s", n > 0 ? value : "-");
	return n;
}

static const int timeouts[] = { 0, 3, -1 };

static long run_poll(struct run *r)
{
	struct pollfd p[2] = {
		{ r->fd, r->flags, 0x7777 }, { r->to, POLLIN | POLLOUT, 0x7777 },
	};
	int n = poll(p, 2, timeouts[r->step->v[F_HOW]]);

	if (n >= 0)
		put(" %#x %#x", (unsigned short)p[0].revents, (unsigned short)p[1].revents);
	return n;
}

static long run_select(struct run *r)
{
	fd_set in, out, except;
	struct timeval tv = { 0, r->step->v[F_HOW] ? 3000 : 0 };
	int top = r->fd > r->to ? r->fd : r->to, n;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&except);
	if (r->fd >= 0)
		FD_SET(r->fd, r->flags & 1 ? &in : &except);
	if (r->to >= 0)
		FD_SET(r->to, r->flags & 2 ? &out : &in);
	n = select(top + 1, &in, &out, &except, r->step->v[F_HOW] == 2 ? NULL : &tv);
	for (int i = 0; i < top + 1 && n > 0; i++)
		if (FD_ISSET(i, &in) || FD_ISSET(i, &out) || FD_ISSET(i, &except))
			put(" %d:%d%d%d", i, !!FD_ISSET(i, &in), !!FD_ISSET(i, &out), !!FD_ISSET(i, &except));
	return n;
}

static long run_epoll_ctl(struct run *r)
{
	struct epoll_event event = { .events = r->flags, .data.u32 = r->step->v[F_TO] };

	return epoll_ctl(r->fd, (int)r->step->v[F_HOW] + 1, r->to, &event);
}

static long run_epoll_wait(struct run *r)
{
	struct epoll_event events[8];
	unsigned int seen[SLOTS] = { 0 };
	int n = epoll_wait(r->fd, events, r->parts, timeouts[r->step->v[F_HOW]]);

	for (int i = 0; i < n; i++)
		seen[events[i].data.u32 % SLOTS] |= events[i].events;
	for (int i = 0; i < SLOTS; i++)
		if (seen[i])
			put(" %d:%#x", i, seen[i]);
	return n;
}

static long run_nanosleep(struct run *r)
{
	struct timespec ts = { 0, r->step->v[F_HOW] ? 200000 : 0 };

	return nanosleep(&ts, NULL);
}

/* Streams: written data must be visible by the flush at the latest. */

static struct slot *stream_of(struct run *r)
{
	struct slot *s = &slots[r->step->v[F_SLOT]];

	return s->stream ? s : NULL;
}

static long run_fdopen(struct run *r)
{
	static const char *const modes[] = { "r", "w", "a", "r+" };
	struct slot *s = &slots[r->step->v[F_SLOT]];
	FILE *stream;

	if (has_stream(s->fd) || !s->object || s->object->kind->traits & T_LATE)
		return NOT_MADE;
	stream = fdopen(s->fd, modes[r->step->v[F_HOW]]);
	s->stream = stream;
	return stream ? 0 : -1;
}

static void put_stream(FILE *stream)
{
	put(" end=%d error=%d", !!feof(stream), !!ferror(stream));
	clearerr(stream);
}

static long run_fread(struct run *r)
{
	struct slot *s = stream_of(r);
	long n;

	if (!s || (s->object && s->object->kind->traits & T_ENDLESS && r->len > 5000))
		return NOT_MADE;
	n = fread(r->buf, 1, r->len, s->stream);
	put_stream(s->stream);
	return n;
}

static long run_fwrite(struct run *r)
{
	struct slot *s = stream_of(r);
	long n;

	if (!s)
		return NOT_MADE;
	n = fwrite(r->buf, 1, r->len, s->stream);
	put_stream(s->stream);
	return n;
}

static long run_fflush(struct run *r)
{
	struct slot *s = stream_of(r);

	return s ? fflush(s->stream) : NOT_MADE;
}

static long run_fseek(struct run *r)
{
	struct slot *s = stream_of(r);
	long ret;

	if (!s)
		return NOT_MADE;
	ret = fseek(s->stream, r->at, r->step->v[F_HOW]);
	put(" tell=%ld", ftell(s->stream));
	return ret;
}

static long run_fclose(struct run *r)
{
	struct slot *s = stream_of(r);
	long ret;

	if (!s)
		return NOT_MADE;
	ret = fclose(s->stream);
	s->stream = NULL;
	number_closed(s->fd);
	return ret;
}

static const long open_flags[] = {
	O_RDONLY, O_RDWR, O_WRONLY | O_APPEND, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_EXCL,
	O_WRONLY | O_CREAT | O_TRUNC, O_RDONLY | O_DIRECTORY, O_RDONLY | O_NOFOLLOW,
	O_RDONLY | O_NONBLOCK, O_WRONLY | O_NONBLOCK, O_RDWR | O_DIRECT, O_PATH, O_RDWR | O_TMPFILE,
	-1
};
static const long poll_flags[] = { POLLIN, POLLOUT, POLLIN | POLLOUT, POLLRDHUP, POLLPRI, 0, -1 };
static const long select_flags[] = { 0, 1, 2, 3, -1 };
static const long epoll_flags[] = {
	EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT, EPOLLIN | (int)EPOLLET, EPOLLIN | EPOLLONESHOT, EPOLLRDHUP, -1
};
static const long statx_flags[] = { 0, AT_SYMLINK_NOFOLLOW, 0x10, -1 };

const struct call other_calls[] = {
	{ "make", SLOT | TO | KIND, T_ANY, 20, D_NONE, run_make },
	{ "open", NAME | FLAGS | TO | WAIT, T_ANY, 8, D_NONE, run_open, open_flags },
	{ "openat", NAME | FLAGS | TO | WAIT, T_ANY, 3, D_NONE, run_openat, open_flags },
	{ "creat", NAME | TO | WAIT, T_ANY, 1, D_NONE, run_creat },
	{ "stat", NAME, T_ANY, 2, D_NONE, run_stat },
	{ "lstat", NAME, T_ANY, 1, D_NONE, run_lstat },
	{ "fstat", SLOT, T_ANY, 3, D_NONE, run_fstat },
	{ "fstatat", SLOT | HOW, T_ANY, 1, D_NONE, run_fstatat, NULL, 2 },
	{ "statx", NAME | FLAGS, T_ANY, 1, D_NONE, run_statx, statx_flags },
	{ "unlink", NAME, T_ANY, 1, D_NONE, run_unlink },
	{ "unlinkat", NAME | HOW, T_ANY, 1, D_NONE, run_unlinkat, NULL, 2 },
	{ "rename", NAME | OTHER, T_ANY, 1, D_NONE, run_rename },
	{ "renameat2", NAME | OTHER | HOW, T_ANY, 1, D_NONE, run_renameat2, NULL, 3 },
	{ "mkdir", NAME, T_ANY, 1, D_NONE, run_mkdir },
	{ "symlink", NAME | OTHER, T_ANY, 1, D_NONE, run_symlink },
	{ "link", NAME | OTHER, T_ANY, 1, D_NONE, run_link },
	{ "setxattr", NAME | HOW, T_ANY, 1, D_NONE, run_setxattr, NULL, 3 },
	{ "getxattr", NAME | HOW, T_ANY, 1, D_NONE, run_getxattr, NULL, 2 },
	{ "poll", SLOT | TO | FLAGS | HOW | WAIT, T_ANY, 7, D_NONE, run_poll, poll_flags, 3 },
	{ "select", SLOT | TO | FLAGS | HOW | WAIT, T_ANY, 5, D_NONE, run_select, select_flags, 3 },
	{ "epoll_ctl", SLOT | TO | FLAGS | HOW, T_EPOLL, 8, D_NONE, run_epoll_ctl, epoll_flags, 3 },
	{ "epoll_wait", SLOT | SPLIT | HOW | WAIT, T_EPOLL, 8, D_NONE, run_epoll_wait, NULL, 3 },
	{ "nanosleep", HOW | WAIT, T_ANY, 1, D_NONE, run_nanosleep, NULL, 2 },
	{ "fdopen", SLOT | HOW, T_READS, 6, D_NONE, run_fdopen, NULL, 4 },
	{ "fread", SLOT | LEN | WAIT, T_READS, 5, D_NONE, run_fread },
	{ "fwrite", SLOT | LEN | WAIT, T_WRITES, 5, D_NONE, run_fwrite },
	{ "fflush", SLOT | WAIT, T_ANY, 3, D_NONE, run_fflush },
	{ "fseek", SLOT | AT | HOW, T_FILE, 3, D_NONE, run_fseek, NULL, 3 },
	{ "fclose", SLOT | WAIT, T_ANY, 2, D_NONE, run_fclose },
	{ NULL },
};

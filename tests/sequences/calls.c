/* SPDX-License-Identifier: MIT */
/* Calls of the random sequences that move bytes or change a file, a position or a descriptor. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "sequences.h"

static long moved(struct run *r, long n)
{
	r->moved = n > 0 ? n : 0;
	return n;
}

static long run_read(struct run *r)
{
	return moved(r, read(r->fd, r->buf, r->len));
}

static long run_write(struct run *r)
{
	return moved(r, write(r->fd, r->buf, r->len));
}

static long run_pread(struct run *r)
{
	return moved(r, pread(r->fd, r->buf, r->len, r->at));
}

static long run_pwrite(struct run *r)
{
	return moved(r, pwrite(r->fd, r->buf, r->len, r->at));
}

static long run_readv(struct run *r)
{
	return moved(r, readv(r->fd, r->iov, r->parts));
}

static long run_writev(struct run *r)
{
	return moved(r, writev(r->fd, r->iov, r->parts));
}

static long run_preadv(struct run *r)
{
	return moved(r, preadv(r->fd, r->iov, r->parts, r->at));
}

static long run_pwritev(struct run *r)
{
	return moved(r, pwritev(r->fd, r->iov, r->parts, r->at));
}

static long run_preadv2(struct run *r)
{
	return moved(r, preadv2(r->fd, r->iov, r->parts, r->at, r->flags));
}

static long run_pwritev2(struct run *r)
{
	return moved(r, pwritev2(r->fd, r->iov, r->parts, r->at, r->flags));
}

static long run_fsync(struct run *r)
{
	return fsync(r->fd);
}

static long run_fdatasync(struct run *r)
{
	return fdatasync(r->fd);
}

static long run_sync_file_range(struct run *r)
{
	return sync_file_range(r->fd, r->at, r->step->v[F_COUNT], r->flags);
}

static long run_lseek(struct run *r)
{
	return lseek(r->fd, r->at, r->step->v[F_HOW]);
}

static long run_ftruncate(struct run *r)
{
	return ftruncate(r->fd, r->at);
}

static long run_fallocate(struct run *r)
{
	return fallocate(r->fd, r->flags, r->at, r->step->v[F_COUNT]);
}

/* These return the error number. */
static long run_posix_fallocate(struct run *r)
{
	return posix_fallocate(r->fd, r->at, r->step->v[F_COUNT]);
}

static long run_posix_fadvise(struct run *r)
{
	return posix_fadvise(r->fd, r->at, r->step->v[F_COUNT], r->step->v[F_HOW]);
}

static long run_dup(struct run *r)
{
	struct object *o = object_of(r->fd);
	int fd = dup(r->fd);

	if (fd >= 0)
		slot_share(r->step->v[F_TO], fd, o);
	return fd;
}

/* A closed slot keeps its former number. */
static long run_dup2(struct run *r)
{
	struct object *o = object_of(r->fd);
	int fd = dup2(r->fd, r->to);

	if (fd < 0 || r->fd == r->to)
		return fd;
	if (o)
		o->slots++;	/* must outlive the number */
	number_closed(fd);
	slot_share(r->step->v[F_TO], fd, o);
	if (o)
		o->slots--;
	return fd;
}

/* A stream keeps its number; only fclose closes it. */
static long run_close(struct run *r)
{
	long ret;

	if (has_stream(r->fd))
		return NOT_MADE;
	ret = close(r->fd);
	if (ret == 0)
		number_closed(r->fd);
	return ret;
}

static long run_setfl(struct run *r)
{
	return fcntl(r->fd, F_SETFL, r->flags);
}

static long run_fionbio(struct run *r)
{
	int on = r->step->v[F_HOW];

	return ioctl(r->fd, FIONBIO, &on);
}

/* how: bit 0: with an input offset; bit 1: with an output offset */
static long run_splice(struct run *r)
{
	off64_t in = r->at, out = r->at / 2;
	long how = r->step->v[F_HOW];
	long n = splice(r->fd, how & 1 ? &in : NULL, r->to, how & 2 ? &out : NULL, r->len, r->flags);

	if (how)
		put(" in=%ld out=%ld", (long)in, (long)out);
	return moved(r, n);
}

static long run_tee(struct run *r)
{
	return tee(r->fd, r->to, r->len, r->flags);
}

/* Lowers the file size limit for the rest of this sequence. */
static long run_limit(struct run *r)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = r->at >= 0 ? (rlim_t)r->at : limit.rlim_max;
	return setrlimit(RLIMIT_FSIZE, &limit);
}

static const long rw_flags[] = {
	0, 0, 0, RWF_NOWAIT, RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_APPEND, 0x80000, -1
};
static const long range_flags[] = { 0, 1, 2, 4, 3, 6, 7, 8, -1 };
static const long fallocate_flags[] = { 0, 0, 1, 3, 0x10, 0x8, 0x400, -1 };
static const long setfl_flags[] = { 0, 0, O_NONBLOCK, O_NONBLOCK, O_APPEND, O_APPEND | O_NONBLOCK, -1 };
static const long splice_flags[] = { 0, 0, 2, 1, 4, 0x100, -1 };

enum {
	MOVES = SLOT | LEN | BUFFER | WAIT,
	VECTOR = MOVES | SPLIT,
};

const struct call byte_calls[] = {
	{ "read", MOVES, T_READS, 30, D_IN, run_read },
	{ "write", MOVES, T_WRITES, 30, D_OUT, run_write },
	{ "pread", MOVES | AT, T_FILE, 10, D_IN, run_pread },
	{ "pwrite", MOVES | AT, T_FILE, 10, D_OUT, run_pwrite },
	{ "readv", VECTOR, T_READS, 10, D_IN, run_readv },
	{ "writev", VECTOR, T_WRITES, 10, D_OUT, run_writev },
	{ "preadv", VECTOR | AT, T_FILE, 5, D_IN, run_preadv },
	{ "pwritev", VECTOR | AT, T_FILE, 5, D_OUT, run_pwritev },
	{ "preadv2", VECTOR | AT | FLAGS, T_READS, 8, D_IN, run_preadv2, rw_flags },
	{ "pwritev2", VECTOR | AT | FLAGS, T_WRITES, 8, D_OUT, run_pwritev2, rw_flags },
	{ "fsync", SLOT, T_FILE, 2, D_NONE, run_fsync },
	{ "fdatasync", SLOT, T_FILE, 2, D_NONE, run_fdatasync },
	{ "sync_file_range", SLOT | AT | COUNT | FLAGS, T_FILE, 2, D_NONE, run_sync_file_range,
	  range_flags },
	{ "lseek", SLOT | AT | HOW, T_FILE, 8, D_NONE, run_lseek, NULL, 6 },
	{ "ftruncate", SLOT | AT, T_FILE, 4, D_NONE, run_ftruncate },
	{ "fallocate", SLOT | AT | COUNT | FLAGS, T_FILE, 3, D_NONE, run_fallocate, fallocate_flags },
	{ "posix_fallocate", SLOT | AT | COUNT, T_FILE, 1, D_NONE, run_posix_fallocate },
	{ "posix_fadvise", SLOT | AT | COUNT | HOW, T_FILE, 1, D_NONE, run_posix_fadvise, NULL, 8 },
	{ "dup", SLOT | TO, T_ANY, 4, D_NONE, run_dup },
	{ "dup2", SLOT | TO, T_ANY, 4, D_NONE, run_dup2 },
	{ "close", SLOT, T_ANY, 12, D_NONE, run_close },
	{ "setfl", SLOT | FLAGS, T_ANY, 8, D_NONE, run_setfl, setfl_flags },
	{ "fionbio", SLOT | HOW, T_ANY, 3, D_NONE, run_fionbio, NULL, 2 },
	{ "splice", SLOT | TO | LEN | AT | HOW | FLAGS | WAIT, T_PIPE, 10, D_IN, run_splice,
	  splice_flags, 4 },
	{ "tee", SLOT | TO | LEN | FLAGS | WAIT, T_PIPE, 5, D_NONE, run_tee, splice_flags },
	{ "limit", AT, T_ANY, 1, D_NONE, run_limit },
	{ NULL },
};

const struct call *call_get(unsigned int i)
{
	const struct call *const tables[] = { byte_calls, socket_calls, other_calls };

	for (unsigned int t = 0; t < 3; t++) {
		for (const struct call *c = tables[t]; c->name; c++)
			if (i-- == 0)
				return c;
	}
	return NULL;
}

const struct call *call_find(const char *name)
{
	const struct call *c;

	for (unsigned int i = 0; (c = call_get(i)); i++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

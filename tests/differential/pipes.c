/* SPDX-License-Identifier: MIT */
/* Kinds of descriptor that are pipes: from pipe(2) or a FIFO, each end, empty, full, abandoned. */
#include "differential.h"

#include <poll.h>
#include <string.h>
#include <sys/stat.h>

enum { PIPE, FIFO };

static int open_fifo(struct object *o, const struct kind *k, int ends[2])
{
	int mode = k->state & S_RDWR ? O_RDWR : k->state & S_WRITE_END ? O_WRONLY : O_RDONLY;
	char path[4096];
	int keeper, err;

	scratch_path(path, sizeof(path), disk_dir, "fifo");
	err = raw6(SYS_mknodat, AT_FDCWD, (long)path, S_IFIFO | 0600, 0, 0, 0);
	if (err < 0)
		return cannot(o, "mkfifo", err);
	keeper = raw_open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
	o->fd = open(path, mode);
	err = -errno;
	o->peer = raw_open(path, (k->state & S_WRITE_END ? O_RDONLY : O_WRONLY) | O_NONBLOCK | O_CLOEXEC, 0);
	raw_close(keeper);
	raw_unlink(path);
	return o->fd < 0 || o->peer < 0 ? cannot(o, "opening a FIFO", err) : 0;
}

static int open_pipe(struct object *o, const struct kind *k, int ends[2])
{
	bool writing = k->state & S_WRITE_END;

	if (k->state & S_NB_BORN ? pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0 : pipe(ends) < 0)
		return cannot(o, "pipe", -errno);
	o->fd = ends[writing ? 1 : 0];
	o->peer = ends[writing ? 0 : 1];
	raw_fcntl(o->peer, F_SETFL, O_NONBLOCK);
	return 0;
}

static int fill(struct object *o)
{
	char page[4096];
	int fl = raw_fcntl(o->fd, F_GETFL, 0);

	pattern(page, sizeof(page), 5);
	raw_fcntl(o->fd, F_SETFL, fl | O_NONBLOCK);
	while (raw_write(o->fd, page, sizeof(page)) > 0)
		;
	raw_fcntl(o->fd, F_SETFL, fl);
	return 0;
}

static int make_pipe(struct object *o, const struct kind *k)
{
	char data[STREAM_DATA];
	int ends[2], err;

	err = k->family == FIFO ? open_fifo(o, k, ends) : open_pipe(o, k, ends);
	if (err < 0)
		return err;
	if (k->state & S_LEARNT)
		learn(o);
	if (set_nonblock(o, k->state) < 0)
		return -1;
	pattern(data, sizeof(data), 1);
	if (k->state & S_DATA && raw_write(o->peer, data, sizeof(data)) < 0)
		return cannot(o, "filling a pipe", -EIO);
	if (k->state & S_FULL)
		fill(o);
	if (k->state & S_PEER_CLOSED)
		act_close_peer(o, 0);
	return 0;
}

/*
 * The last reader closes while a writer waits: the bytes already written count, and SIGPIPE comes.
 */
const struct kind pipe_kinds[] = {
	{ "pipe-r-empty", make_pipe, PIPE, 0, 0, 0, act_feed },
	{ "pipe-r-empty-nb", make_pipe, PIPE, 0, S_NB, 0 },
	{ "pipe-r-empty-nb-born", make_pipe, PIPE, 0, S_NB_BORN, K_BRIEF },
	{ "pipe-r-empty-nb-ioctl", make_pipe, PIPE, 0, S_NB_IOCTL, K_BRIEF },
	{ "pipe-r-data", make_pipe, PIPE, 0, S_DATA, 0 },
	{ "pipe-r-data-nb", make_pipe, PIPE, 0, S_DATA | S_NB, 0 },
	{ "pipe-r-data-eof", make_pipe, PIPE, 0, S_DATA | S_PEER_CLOSED, K_BRIEF },
	{ "pipe-r-eof", make_pipe, PIPE, 0, S_PEER_CLOSED, 0 },
	{ "pipe-r-eof-nb", make_pipe, PIPE, 0, S_PEER_CLOSED | S_NB, K_BRIEF },
	{ "pipe-r-writer-leaves", make_pipe, PIPE, 0, 0, K_BRIEF, act_close_peer },
	{ "pipe-r-inherited", make_pipe, PIPE, 0, 0, K_FORK | K_BRIEF, act_feed },
	{ "pipe-r-inherited-nb", make_pipe, PIPE, 0, S_NB, K_FORK | K_BRIEF },
	{ "pipe-w", make_pipe, PIPE, 0, S_WRITE_END, K_BULK, NULL, act_drain },
	{ "pipe-w-nb", make_pipe, PIPE, 0, S_WRITE_END | S_NB, K_BULK },
	{ "pipe-w-nb-born", make_pipe, PIPE, 0, S_WRITE_END | S_NB_BORN, K_BULK | K_BRIEF },
	{ "pipe-w-full", make_pipe, PIPE, 0, S_WRITE_END | S_FULL, K_BULK, NULL, act_drain },
	{ "pipe-w-full-nb", make_pipe, PIPE, 0, S_WRITE_END | S_FULL | S_NB, K_BULK },
	{ "pipe-w-broken", make_pipe, PIPE, 0, S_WRITE_END | S_PEER_CLOSED, K_BROKEN },
	{ "pipe-w-broken-nb", make_pipe, PIPE, 0, S_WRITE_END | S_PEER_CLOSED | S_NB, K_BROKEN },
	{ "pipe-w-reader-leaves", make_pipe, PIPE, 0, S_WRITE_END, K_BULK | K_BROKEN, NULL, act_close_peer },
	{ "pipe-w-full-reader-leaves", make_pipe, PIPE, 0, S_WRITE_END | S_FULL, K_BULK | K_BRIEF | K_BROKEN, NULL, act_close_peer },
	{ "pipe-w-inherited", make_pipe, PIPE, 0, S_WRITE_END, K_FORK | K_BRIEF | K_BULK, NULL, act_drain },
	{ "fifo-r-empty", make_pipe, FIFO, 0, 0, 0, act_feed },
	{ "fifo-r-empty-nb", make_pipe, FIFO, 0, S_NB, K_BRIEF },
	{ "fifo-r-data", make_pipe, FIFO, 0, S_DATA, K_BRIEF },
	{ "fifo-w", make_pipe, FIFO, 0, S_WRITE_END, K_BULK | K_BRIEF, NULL, act_drain },
	{ "fifo-rw-data", make_pipe, FIFO, 0, S_RDWR | S_DATA, K_BRIEF },
	{ "fifo-rw-empty-nb", make_pipe, FIFO, 0, S_RDWR | S_NB, K_BRIEF },
	{ 0 },
};

/*
 * The descriptor table: what the shim knows of each descriptor, in one word,
 * so that a lookup is a load and a change is a compare-and-swap; no locks.
 *
 * Whatever it says may be stale: a descriptor can be closed and reused, and
 * an open file description changed, past the shim. Callers use it to choose
 * an operation, and ask the kernel again before they believe it
 * where being wrong would show: before a call sleeps long, and before EAGAIN.
 */
#ifndef SHIM_FDTABLE_H
#define SHIM_FDTABLE_H

#include "shim/base.h"

enum fd_kind {
	FD_UNKNOWN,
	FD_FILE,	/* regular file of a local filesystem, or block device */
	FD_UNCACHED,	/* such a file with O_DIRECT */
	FD_PIPE,	/* pipe or FIFO */
	FD_STREAM,	/* stream socket, but: */
	FD_UNIX,	/* stream socket of the unix domain */
	FD_DATAGRAM,	/* any other socket */
	FD_EVENT,	/* eventfd, timerfd, inotify */
	FD_MEMORY,	/* /dev/null, /dev/zero, /dev/full, /dev/random, ... */
	FD_TTY,
	FD_OTHER,	/* anything whose native meaning is unclear: always direct */
	FD_BAD,		/* not an open descriptor (never stored) */
};

/*
 *  0..3   kind
 *  4      O_NONBLOCK
 *  5      the position is this process's alone, if forks still match
 *  6      other descriptors name the same open file description
 *  7..15  position lock
 * 16..23  version: counts what happened to this descriptor number
 * 24..43  process.forks when it was opened
 * 44..63  generation of flag changes when it was learnt
 *
 * The two counters saturate: past a million forks every position counts as
 * shared, past a million such changes everything is asked anew at each call.
 */
typedef uint64_t fd_info;

enum { FD_COUNTER_MAX = 0xfffff };

static inline enum fd_kind fd_kind(fd_info info)
{
	return info & 15;
}

static inline bool fd_nonblocking(fd_info info)
{
	return info >> 4 & 1;
}

static inline bool fd_is_socket(fd_info info)
{
	return fd_kind(info) >= FD_STREAM && fd_kind(info) <= FD_DATAGRAM;
}

static inline bool fd_is_file(fd_info info)
{
	return fd_kind(info) == FD_FILE || fd_kind(info) == FD_UNCACHED;
}

static inline bool fd_is_stream(fd_info info)
{
	return fd_kind(info) == FD_STREAM || fd_kind(info) == FD_UNIX;
}

/* Whether fd's number was, as far as seen, used for one thing only between the two. */
static inline bool fd_same_use(fd_info info, fd_info later)
{
	return !((info ^ later) >> 16 & 255);
}

static inline unsigned fd_position_lock(fd_info info)
{
	return info >> 7 & 511;
}

/* This process opened it, and nothing since has used its position past the lock. */
bool fd_position_own(fd_info info);

/* No other process has this file position, as far as can be known. */
bool fd_position_private(fd_info info);

/* What is known of fd, asking the kernel when nothing is. */
fd_info fd_get(int fd);

/* Asks the kernel again. */
fd_info fd_relearn(int fd);
/* Asks the kernel only whether fd is non-blocking, and corrects what was known. */
bool fd_ask_nonblocking(int fd);
/* What is known of fd, without asking. */
fd_info fd_peek(int fd);

/* The process of opening: take the mark before the call, give it after. */
typedef uint32_t fd_mark;
fd_mark fd_opening(void);
/* fd is new; own_position: a file this process opened itself just now. */
void fd_opened(int fd, fd_mark mark, bool own_position);
/* fd is a new stream socket with these SOCK_* flags, of the listener's kind. */
void fd_opened_stream(int fd, enum fd_kind kind, int flags);

void fd_forget(int fd);
void fd_forget_range(unsigned first, unsigned last);
/* to now names what from names. */
void fd_copied(int from, int to);
/* The status flags of fd's open file description were changed. */
void fd_flags_changed(int fd);
/* Something past the shim moves this file position, or another process has it. */
void fd_share_position(int fd);

#endif

/*
 * The descriptor table: what the shim knows of each descriptor, in one word,
 * so that a lookup is a load and a change is a compare-and-swap; no locks.
 *
 * Whatever it says may be stale: a descriptor can be closed and reused, and
 * an open file description changed, past the shim. Callers use it to choose
 * an operation, and ask the kernel again before they believe it
 * where being wrong would show: before a call sleeps long, and before EAGAIN.
 */
#ifndef SHIM_FD_FDTABLE_H
#define SHIM_FD_FDTABLE_H

#include <sys/socket.h>
#include "shim/ring/process.h"

enum fd_kind {
	FD_UNKNOWN,	/* only where the generation is not current */
	FD_FILE,	/* regular file of a local filesystem, or block device */
	FD_UNCACHED,	/* such a file with O_DIRECT */
	FD_PIPE,	/* pipe or FIFO */
	FD_STREAM,	/* stream socket, but: */
	FD_UNIX,	/* stream socket of the unix domain */
	FD_DATAGRAM,	/* any other socket */
	FD_EVENT,	/* eventfd, timerfd, inotify */
	FD_MEMORY,	/* /dev/null, /dev/zero, /dev/urandom */
	FD_TTY,
	FD_OTHER,	/* anything whose native meaning is unclear: always direct */
	FD_BAD,		/* not an open descriptor (never stored) */
	/* From here on, not known, but used before, so often; the generation is not current. */
	FD_USED_ONCE = 12,
	FD_USED_OFTEN = 15,
	FD_KINDS,
};

/*
 *  0..3   kind, if the generation is the current one
 *  4      O_NONBLOCK
 *  5      the position is this process's alone, if forks still match
 *  6      other descriptors name the same open file description
 *  7..15  position lock; of a socket 7: it is this process's alone, if forks still match
 * 16..23  version: counts what happened to this descriptor number
 * 24..43  process.forks when it was opened
 * 44..63  generation of flag changes when it was learnt; 0: nothing is known
 *
 * Counters that no longer fit match nothing: past a million forks every position
 * counts as shared, past a million such changes everything is asked at each call.
 */
typedef uint64_t fd_info;

enum {
	FD_OWN_POSITION = 1 << 5,
	FD_OWN_SOCKET = 1 << 7,
	FD_FORKS_SHIFT = 24,
	FD_GENERATION_SHIFT = 44,
	FD_COUNTER_MAX = 0xfffff,
};

/*
 * A radix tree over the 32 bits of a descriptor; leaves and nodes never go. The
 * first leaf, which is all that most programs use, stands apart.
 */
enum { FD_LEAF = 1024, FD_NODE = 1024, FD_ROOT = 4096 };

typedef _Atomic fd_info fd_slot;
struct fd_leaf { fd_slot slots[FD_LEAF]; } __attribute__((aligned(64)));
struct fd_node { struct fd_leaf *_Atomic leaves[FD_NODE]; };

extern struct fd_leaf fd_first_leaf HIDDEN;
extern struct fd_node *_Atomic fd_root[FD_ROOT] HIDDEN;

/* Grows with each change of flags that may concern more descriptors than the one seen. */
extern _Atomic uint64_t fd_generation HIDDEN HOT;

static inline enum fd_kind fd_kind(fd_info info)
{
	return info & 15;
}

static inline bool fd_is_nonblocking(fd_info info)
{
	return info >> 4 & 1;
}

/* Kind, O_NONBLOCK and whose the position is, as one number. */
enum { FD_NATURES = 64 };

static inline unsigned fd_nature(fd_info info)
{
	return info % FD_NATURES;
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
static inline bool fd_is_same_use(fd_info info, fd_info later)
{
	return !((info ^ later) >> 16 & 255);
}

/* What a socket of this domain and type is. */
static inline enum fd_kind fd_socket_kind(int domain, int type)
{
	if (type != SOCK_STREAM)
		return FD_DATAGRAM;
	return domain == AF_UNIX ? FD_UNIX : FD_STREAM;
}

static inline unsigned fd_position_lock(fd_info info)
{
	return info >> 7 & 511;
}

/* This process opened it, and nothing since has used its position past the lock. */
static inline bool fd_has_own_position(fd_info info)
{
	return info & FD_OWN_POSITION;
}

/* No process was made since the descriptor was, if it knows when that was. */
static inline bool fd_is_unforked(fd_info info)
{
	return (info >> FD_FORKS_SHIFT & FD_COUNTER_MAX) == process_fork_count();
}

/* No other process has this file position, as far as can be known. */
static inline bool fd_has_private_position(fd_info info)
{
	return likely(fd_has_own_position(info)) && fd_is_unforked(info);
}

/* No other process has this socket, as far as can be known. */
static inline bool fd_has_private_socket(fd_info info)
{
	return info & FD_OWN_SOCKET && fd_is_unforked(info);
}

/* As fd_slot_of, for the other leaves. */
static inline fd_slot *fd_slot_in_tree(unsigned n)
{
	struct fd_node *node = atomic_load_explicit(&fd_root[n / FD_LEAF / FD_NODE],
						    memory_order_acquire);
	struct fd_leaf *leaf;

	if (unlikely(!node))
		return NULL;
	leaf = atomic_load_explicit(&node->leaves[n / FD_LEAF % FD_NODE], memory_order_acquire);
	return likely(leaf != NULL) ? &leaf->slots[n % FD_LEAF] : NULL;
}

/* Where what is known of fd stands, or NULL; of negative numbers nothing is. */
static inline fd_slot *fd_slot_of(int fd)
{
	unsigned n = (unsigned)fd;

	return likely(n < FD_LEAF) ? &fd_first_leaf.slots[n] : fd_slot_in_tree(n);
}

/* What stands in slot, if there is one. */
static inline fd_info fd_load(const fd_slot *slot)
{
	return likely(slot != NULL) ? atomic_load_explicit(slot, memory_order_relaxed) : 0;
}

/*
 * What is known of fd, without asking. Not by way of fd_slot_of, here and in fd_get_at:
 * the compiler would test whether the first leaf is there.
 */
static inline fd_info fd_peek(int fd)
{
	unsigned n = (unsigned)fd;

	if (likely(n < FD_LEAF))
		return atomic_load_explicit(&fd_first_leaf.slots[n], memory_order_relaxed);
	return fd_load(fd_slot_in_tree(n));
}

/* Whether what info says is still believed. */
static inline bool fd_is_current(fd_info info)
{
	return info >> FD_GENERATION_SHIFT ==
	       atomic_load_explicit(&fd_generation, memory_order_relaxed);
}

/* Asks the kernel what fd is, whatever was known. */
fd_info fd_classify(int fd);

/* What is known of fd, asking the kernel when nothing is, and where it stands (or NULL). */
static inline fd_info fd_get_at(int fd, const fd_slot **slot)
{
	unsigned n = (unsigned)fd;
	fd_info info;

	if (likely(n < FD_LEAF)) {
		*slot = &fd_first_leaf.slots[n];
		info = atomic_load_explicit(*slot, memory_order_relaxed);
	} else {
		*slot = fd_slot_in_tree(n);
		info = fd_load(*slot);
	}
	if (likely(fd_is_current(info)))
		return info;
	info = fd_classify(fd);
	*slot = fd_slot_of(fd);
	return info;
}

static inline fd_info fd_get(int fd)
{
	const fd_slot *slot;

	return fd_get_at(fd, &slot);
}

/*
 * Takes note that fd is used. Whether nothing is known of it, and it was used fewer than
 * four times: to ask what it is takes three system calls, which a file that is read in a
 * few pieces is not worth.
 */
bool fd_note_use(int fd);
/* Asks the kernel only whether fd is non-blocking, and corrects what was known. */
bool fd_query_nonblocking(int fd);

/* What the process looks at that an operation does otherwise than the native call. */
enum fd_watch {
	FD_WATCH_NOTHING,
	FD_WATCH_EVENTS,	/* of files (inotify, fanotify): what has a name goes direct */
	FD_WATCH_ACCOUNTS,	/* its own bytes and calls (/proc/self/io): everything does */
};

/* From now on it looks at that, and so do the children that it forks. */
void fd_watch(enum fd_watch what);
extern atomic_uchar fd_watched HIDDEN;

static inline bool fd_is_watching(void)
{
	return atomic_load_explicit(&fd_watched, memory_order_relaxed) != FD_WATCH_NOTHING;
}

/* From now on nothing that is known is believed: every fd_get asks. */
void fd_forget_all(void);

/* The process of opening: take the mark before the call, give it after. */
typedef uint32_t fd_mark;
fd_mark fd_mark_open(void);
/* fd is new; own_position: a file this process opened itself just now. */
void fd_note_open(int fd, fd_mark mark, bool own_position);
/* fd is new, and nothing has to be asked. */
void fd_note_open_as(int fd, enum fd_kind kind, bool nonblocking);
/* fd is a new socket of this process. */
void fd_note_socket(int fd, fd_mark mark, enum fd_kind kind, bool nonblocking);

/* Whether the first send on a socket connects it (TCP_FASTOPEN_CONNECT). It is learnt as FD_OTHER. */
bool fd_note_deferred_connect(int fd);

void fd_forget(int fd);
void fd_forget_range(unsigned first, unsigned last);
/* to now names what from names. */
void fd_note_dup(int from, int to);
/* Whether more descriptors name what fd names. */
bool fd_has_dups(int fd);
/* The status flags of fd's open file description were changed. */
void fd_note_flags_change(int fd);
/* Something past the shim moves this file position, or another process has it. */
void fd_share_position(int fd);
/* Another process has this socket. */
void fd_share_socket(int fd);

#endif

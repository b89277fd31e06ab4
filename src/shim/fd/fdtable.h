/* SPDX-License-Identifier: MIT */
/*
 * The descriptor table: what the shim knows of each descriptor, packed into 64 bits, so that a
 * lookup is a load and a change is a compare-and-swap, without locks. An entry can be stale: a
 * descriptor can be closed and reused, or its open file description changed, without the shim
 * seeing it. Callers use an entry to choose an operation, and ask the kernel again where an error
 * would show: before a call sleeps for long, and before it returns EAGAIN.
 */
#ifndef SHIM_FD_FDTABLE_H
#define SHIM_FD_FDTABLE_H

#include <sys/socket.h>
#include "shim/ring/process.h"

enum fd_kind {
	FD_UNKNOWN,  /* only while the generation is not current */
	FD_FILE,     /* regular file of a local filesystem, or block device */
	FD_UNCACHED, /* such a file with O_DIRECT */
	FD_PIPE,     /* pipe or FIFO */
	FD_STREAM,   /* stream socket, except: */
	FD_UNIX,     /* stream socket of the domain AF_UNIX */
	FD_DATAGRAM, /* any other socket */
	FD_EVENT,    /* eventfd, timerfd, inotify */
	FD_MEMORY,   /* /dev/null, /dev/zero, /dev/urandom */
	FD_TTY,
	FD_OTHER, /* anything whose native behaviour is unclear: always direct */
	FD_BAD,	  /* not an open descriptor (never stored) */
	/* No kinds, but counts of uses before the kind is known (fd_note_use()). Never current. */
	FD_USED_ONCE = 12,
	FD_USED_TWICE,
	FD_USED_THREE_TIMES,
	FD_USED_FOUR_TIMES,
	FD_KINDS,
};

/*
 *  63        44 43      24 23     16 15    7   6     5     4    3    0
 * +------------+----------+---------+------+-----+-----+------+------+
 * | generation |  forks   | version | lock | dup | own | nonb | kind |
 * +------------+----------+---------+------+-----+-----+------+------+
 *
 * kind        enum fd_kind. Believed only if the generation is the current one. If the generation
 *             is 0, a kind that is to be asked for again, or a count of uses.
 * nonb        O_NONBLOCK
 * own         no other process has the file position, if the fork count still matches
 * dup         other descriptors name the same open file description
 * lock        which position lock. For a socket, the lowest bit: no other process has the socket,
 *             if the fork count still matches
 * version     how often this descriptor number was opened, closed or replaced
 * forks       process.forks_begun when the descriptor was opened
 * generation  fd_generation when the kind was learnt; 0: the kind is not known
 *
 * A counter that no longer fits matches nothing. After a million forks every position counts as
 * shared; after a million new generations the kernel is asked at each call.
 */
typedef uint64_t fd_info;

enum {
	FD_KIND_MASK = 15,
	FD_NONBLOCKING = 1 << 4,
	FD_OWN_POSITION = 1 << 5,
	FD_HAS_DUPS = 1 << 6,
	FD_LOCK_SHIFT = 7,
	FD_LOCK_MAX = 511,
	FD_OWN_SOCKET = 1 << FD_LOCK_SHIFT,
	FD_VERSION_SHIFT = 16,
	FD_VERSION_MAX = 255,
	FD_FORKS_SHIFT = 24,
	FD_GENERATION_SHIFT = 44,
	FD_COUNTER_MAX = 0xfffff, /* of forks and generation */
};

/*
 * The table is a radix tree over the 32 bits of a descriptor. Leaves and nodes are never freed. The
 * first leaf, the only one that most programs use, is a variable of its own.
 */
enum { FD_LEAF = 1024, FD_NODE = 1024, FD_ROOT = 4096 };

typedef _Atomic fd_info fd_slot;
struct fd_leaf {
	fd_slot slots[FD_LEAF];
} __attribute__((aligned(64)));
struct fd_node {
	struct fd_leaf *_Atomic leaves[FD_NODE];
};

extern struct fd_leaf fd_first_leaf HIDDEN;
extern struct fd_node *_Atomic fd_root[FD_ROOT] HIDDEN;

/* Grows with each change of flags that can affect more descriptors than the one it was made on. */
extern _Atomic uint64_t fd_generation HIDDEN HOT;

static inline enum fd_kind fd_kind(fd_info info)
{
	return info & FD_KIND_MASK;
}

static inline bool fd_is_nonblocking(fd_info info)
{
	return info & FD_NONBLOCKING;
}

/* The nature of a descriptor: kind, O_NONBLOCK and FD_OWN_POSITION, the lowest bits, as one number. */
enum { FD_NATURES = 2 * FD_OWN_POSITION };

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

/* Returns true if the number was not seen to be closed or replaced between info and later. */
static inline bool fd_is_same_use(fd_info info, fd_info later)
{
	return !((info ^ later) >> FD_VERSION_SHIFT & FD_VERSION_MAX);
}

/* Returns the kind of a socket of this domain and type. */
static inline enum fd_kind fd_socket_kind(int domain, int type)
{
	if (type != SOCK_STREAM)
		return FD_DATAGRAM;
	return domain == AF_UNIX ? FD_UNIX : FD_STREAM;
}

static inline unsigned fd_position_lock(fd_info info)
{
	return info >> FD_LOCK_SHIFT & FD_LOCK_MAX;
}

/* Returns true if this process opened the file, and its position was only used under the lock. */
static inline bool fd_has_own_position(fd_info info)
{
	return info & FD_OWN_POSITION;
}

/* Returns true if no process was made since the descriptor was opened, if info knows when. */
static inline bool fd_is_unforked(fd_info info)
{
	return (info >> FD_FORKS_SHIFT & FD_COUNTER_MAX) == process_fork_count();
}

/* Returns true if no other process has this file position, as far as can be known. */
static inline bool fd_has_private_position(fd_info info)
{
	return likely(fd_has_own_position(info)) && fd_is_unforked(info);
}

/* Returns true if no other process has this socket, as far as can be known. */
static inline bool fd_has_private_socket(fd_info info)
{
	return info & FD_OWN_SOCKET && fd_is_unforked(info);
}

/* fd_slot_of() for descriptors outside the first leaf. */
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

/* Returns the slot of fd, or NULL if there is none. Negative numbers never have one. */
static inline fd_slot *fd_slot_of(int fd)
{
	unsigned n = (unsigned)fd;

	return likely(n < FD_LEAF) ? &fd_first_leaf.slots[n] : fd_slot_in_tree(n);
}

/* Returns the content of slot, or 0 if slot is NULL. */
static inline fd_info fd_load(const fd_slot *slot)
{
	return likely(slot != NULL) ? atomic_load_explicit(slot, memory_order_relaxed) : 0;
}

/*
 * Returns what is known of fd, without asking the kernel. This function and fd_get_at() do not use
 * fd_slot_of(): the compiler would test the address of the first leaf for NULL.
 */
static inline fd_info fd_peek(int fd)
{
	unsigned n = (unsigned)fd;

	if (likely(n < FD_LEAF))
		return atomic_load_explicit(&fd_first_leaf.slots[n], memory_order_relaxed);
	return fd_load(fd_slot_in_tree(n));
}

/* Returns true if info is of the current generation, and so is still believed. */
static inline bool fd_is_current(fd_info info)
{
	return info >> FD_GENERATION_SHIFT ==
		atomic_load_explicit(&fd_generation, memory_order_relaxed);
}

/* Asks the kernel what fd is, whatever is known, and notes the answer. */
fd_info fd_classify(int fd);

/* Returns what fd is, asking the kernel if that is not known. Sets *slot to its slot, or NULL. */
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
 * Counts a use of fd while its kind is not known. Returns true for the first four such uses:
 * finding out what it is takes three system calls, too much for a file that is read in a few
 * pieces.
 */
bool fd_note_use(int fd);
/* Asks the kernel only for O_NONBLOCK, returns true if it is set, and corrects what was known. */
bool fd_query_nonblocking(int fd);

/*
 * Reads the kernel's name for what fd is, such as the path of a file. Returns its length, or a
 * negative errno.
 */
long fd_read_name(int fd, char *name, size_t size);

/* Things that a process can watch and in which a ring operation differs from the native call. */
enum fd_watch {
	FD_WATCH_NOTHING,
	FD_WATCH_EVENTS,   /* file events (inotify, fanotify): what has a name goes direct */
	FD_WATCH_ACCOUNTS, /* its own bytes and calls (/proc/self/io): all goes direct */
};

/* Notes that the process watches this from now on. Children that it forks inherit that. */
void fd_watch(enum fd_watch what);
extern atomic_uchar fd_watched HIDDEN;

static inline bool fd_is_watching(void)
{
	return atomic_load_explicit(&fd_watched, memory_order_relaxed) != FD_WATCH_NOTHING;
}

/* From now on nothing known is believed: every fd_get() asks the kernel. */
void fd_forget_all(void);

/*
 * Call fd_mark_open() before a native call that makes a descriptor, and pass the mark to
 * fd_note_open() or fd_note_socket() after it.
 */
typedef uint32_t fd_mark;
fd_mark fd_mark_open(void);
/* Notes that fd is new. own_position: it is a file that this process has just opened itself. */
void fd_note_open(int fd, fd_mark mark, bool own_position);
/* Notes that fd is new and what it is, so that the kernel need not be asked. */
void fd_note_open_as(int fd, enum fd_kind kind, bool nonblocking);
/* Notes that fd is a socket that this process has just made. */
void fd_note_socket(int fd, fd_mark mark, enum fd_kind kind, bool nonblocking);

/*
 * Asks the kernel and returns true if the first send on a socket connects it
 * (TCP_FASTOPEN_CONNECT). fd_classify() makes such a socket FD_OTHER.
 */
bool fd_note_deferred_connect(int fd);

void fd_forget(int fd);
void fd_forget_range(unsigned first, unsigned last);
/* Notes that to is now a duplicate of from. */
void fd_note_dup(int from, int to);
/* Returns true if other descriptors name the same open file description as fd. */
bool fd_has_dups(int fd);
/* Notes that the status flags of fd's open file description have changed. */
void fd_note_flags_change(int fd);
/* Notes that something outside the shim moves this file position, or another process has it. */
void fd_share_position(int fd);
/* Notes that another process has this socket. */
void fd_share_socket(int fd);

#endif

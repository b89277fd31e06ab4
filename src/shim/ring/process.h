/* SPDX-License-Identifier: MIT */
/*
 * The state of the whole process: if rings may be used at all, and if this is still the process
 * that made them. One number, the epoch, answers both on the fast path. It is on a page that fork
 * wipes (MADV_WIPEONFORK), so a child finds 0 there however it was forked. A ring is valid as long
 * as the epoch in which it was made lasts.
 */
#ifndef SHIM_RING_PROCESS_H
#define SHIM_RING_PROCESS_H

#include "shim/base/base.h"
#include "shim/config/reasons.h"

enum {
	EPOCH_NONE = UINT32_MAX, /* of a thread without a ring */
	/*
	 * Of the process while no ring may be used. Not 0, because a thread's epoch is 0 in
	 * thread-local memory that nobody has initialised.
	 */
	EPOCH_BLOCKED = UINT32_MAX - 1,
};

struct process {
	_Atomic uint32_t *epoch;      /* 0: in a forked child, or a new one is due */
	_Atomic uint64_t forks_begun; /* processes that this one has begun to make */
	atomic_uint forks_underway;   /* threads that are making one now */
	atomic_int block;	      /* enum reason: why no ring may be used */
	_Atomic uint32_t last_epoch;  /* the last one given out */
	const char *single_threaded;  /* to libc's __libc_single_threaded, or to a 0 */
};

extern struct process process HIDDEN HOT;

static inline uint32_t epoch_current(void)
{
	return atomic_load_explicit(process.epoch, memory_order_relaxed);
}

/* Returns true if rings of no epoch are valid at present. */
static inline bool epoch_is_invalid(void)
{
	return (int32_t)epoch_current() <= 0;
}

/* Returns how many processes this one has begun to make. */
static inline uint64_t process_fork_count(void)
{
	return atomic_load_explicit(&process.forks_begun, memory_order_relaxed);
}

/*
 * Call before a descriptor is opened. Returns process_fork_count(): as long as that stays the same,
 * no other process has the descriptor. Returns UINT64_MAX if a process is being made now, because
 * that one may or may not get the descriptor.
 */
uint64_t process_fork_mark(void);

/* Makes rings possible. Called once, when the rest of the library has started. */
void epoch_start(void);

/* From now on no ring is entered, for this reason. rings_unblock() undoes it. */
void rings_block(enum reason reason);
void rings_unblock(enum reason reason);

/*
 * Call rings_block_for_filter() before the program installs a system call filter: from now on no
 * ring is entered. If the program could not install it, rings_unblock_after_filter() undoes that,
 * and the sys_forbid() that went with it.
 */
void rings_block_for_filter(void);
void rings_unblock_after_filter(void);

/* Makes all rings invalid: every thread makes a new one at its next call. */
void epoch_advance(void);

/*
 * Returns true if asking for a ring is harmless. A seccomp filter that is older than the program
 * may kill it for asking. Decided once, by a trial child process.
 */
bool ring_setup_is_safe(void);

/*
 * Called when a thread's epoch is not the current one. Begins a new epoch if none is valid, and
 * resets the library's state first if this is a forked child. Returns REASON_RING, or the reason
 * why no ring may be used.
 */
enum reason epoch_renew(void);

/*
 * Call these around the creation of a process that shares our descriptors. In between, no operation
 * is in flight at a file position that was this process's own. Afterwards none of those positions
 * is its own any more.
 */
void process_fork_begin(void);
void process_fork_end(void);

/* As if a process had been made: nothing that was opened before is this process's own any more. */
static inline void process_count_as_fork(void)
{
	process_fork_begin();
	process_fork_end();
}

/*
 * Call the first before a thread or process is made behind libc's back that shares our memory, and
 * perhaps our thread-local variables: no ring may be used any more. The second undoes that if the
 * thread or process could not be made.
 */
void rings_block_for_shared_memory(void);
void rings_unblock_after_shared_memory(void);

/* Call in a forked child that has memory of its own: resets the library's state. */
void process_reset_in_child(void);

/* Call at the start: each forked child calls reset before its first ring. At most four fit. */
void process_call_in_child(void (*reset)(void));

/* Returns true if there is only one thread now, and until the calling function returns. */
static inline bool process_is_single_threaded(void)
{
	return *process.single_threaded;
}

#endif

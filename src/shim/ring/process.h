/*
 * What holds for the whole process: whether rings may be used at all, and
 * whether this is still the process that made them.
 *
 * One word, the era, answers both on the hot path. It lives on a page that
 * fork wipes, so a child finds 0 there however it was forked; a ring is valid
 * as long as the era in which it was made lasts.
 */
#ifndef SHIM_RING_PROCESS_H
#define SHIM_RING_PROCESS_H

#include "shim/base/base.h"
#include "shim/config/reasons.h"

enum {
	EPOCH_NONE = UINT32_MAX,		/* of a thread without a ring */
	/* Of the process, where no ring may be used: not what stands in a thread's storage that nobody prepared. */
	EPOCH_BLOCKED = UINT32_MAX - 1,
};

struct process {
	_Atomic uint32_t *epoch;		/* 0: a forked child, or a new one is due */
	/* Grows with each process made, as far as seen; above 32 bits: threads that make one now. */
	_Atomic uint64_t forks;
	atomic_int block;		/* enum reason: why no ring may be used */
	_Atomic uint32_t last_epoch;		/* the last era given out */
	const char *single_threaded;		/* libc's __libc_single_threaded, or what stands for it */
};

extern struct process process HIDDEN HOT;

static inline uint32_t epoch_current(void)
{
	return atomic_load_explicit(process.epoch, memory_order_relaxed);
}

/* Whether there is none at present in which rings are valid. */
static inline bool epoch_is_invalid(void)
{
	return (int32_t)epoch_current() <= 0;
}

/* The same number twice: no process was made between, and none is being made. */
static inline uint64_t process_fork_count(void)
{
	return atomic_load_explicit(&process.forks, memory_order_relaxed);
}

/* Makes rings possible: called once, when the constructor is done. */
void epoch_start(void);

/* From now on no ring is entered, and this is why; lift undoes it. */
void rings_block(enum reason reason);
void rings_unblock(enum reason reason);

/*
 * Before the program installs a system call filter: from now on no ring is
 * entered. Undone if it failed, as is that the library makes no system call for
 * itself (sys_forbid).
 */
void rings_block_for_filter(void);
void rings_unblock_after_filter(void);

/* From the next call on every thread makes itself a new ring. */
void epoch_advance(void);

/*
 * Whether asking for a ring is harmless: a system call filter that was there
 * before the program may end it for that. Asked once, by a child.
 */
bool ring_setup_is_safe(void);

/*
 * Called when the era is 0: takes up a forked child's new life. Returns why
 * no ring may be used, or REASON_RING.
 */
enum reason epoch_renew(void);

/*
 * Around the making of a process that shares our descriptors: no operation at
 * a file position that was this process's own is in flight meanwhile, and none
 * of them is its own afterwards.
 */
void process_fork_begin(void);
void process_fork_end(void);

/*
 * Before a thread or process is made past libc that shares our memory, and
 * maybe what is thread-local: nothing there can be used any more. Undone if it
 * could not be made.
 */
void rings_block_for_shared_memory(void);
void rings_unblock_after_shared_memory(void);

/* In the child, where there is one. */
void process_reset_in_child(void);

/* At the start: reset is called in each forked child, before its first ring. */
void process_call_in_child(void (*reset)(void));

/* Only one thread now, and until the calling function returns. */
static inline bool process_is_single_threaded(void)
{
	return *process.single_threaded;
}

#endif

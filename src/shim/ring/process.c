/* SPDX-License-Identifier: MIT */
/* Keeps the epoch, blocks and unblocks rings, and resets the library in a forked child. */
#include <sys/mman.h>
#include "shim/symbols/next-symbol.h"
#include "shim/ring/position-lock.h"
#include "shim/ring/process.h"
#include "shim/base/sys.h"
#include "shim/ring/seccomp-probe.h"

extern char __libc_single_threaded __attribute__((weak));

static _Atomic uint32_t blocked_epoch EARLY;

/* The content of a page that fork wipes (MADV_WIPEONFORK). */
struct fork_page {
	_Atomic uint32_t epoch;
	_Atomic uint32_t ours; /* 1 in the process that set it, 0 in a forked child */
};

static struct fork_page *fork_page EARLY;

static const char never;

/* Begins the cache line of HOT variables. */
struct process process __attribute__((aligned(64))) = {
	.epoch = &blocked_epoch,
	.single_threaded = &never,
	.block = REASON_EARLY,
};

void epoch_start(void)
{
	struct fork_page *page = sys_pages(sizeof(*page));

	if (&__libc_single_threaded)
		process.single_threaded = &__libc_single_threaded;
	/* Without such a page a child could use its parent's ring. */
	if (!page || sys3(SYS_madvise, (long)page, sizeof(*page), MADV_WIPEONFORK)) {
		process.block = REASON_NO_RING;
		return;
	}
	fork_page = page;
	fork_page->ours = 1;
	process.epoch = &page->epoch;
	/* Valgrind does not see what a ring reads, and stops all threads while one waits. */
	process.block = next_under_valgrind() ? REASON_VALGRIND : REASON_RING;
	epoch_renew();
}

void rings_block(enum reason reason)
{
	int none = REASON_RING;

	atomic_compare_exchange_strong(&process.block, &none, reason);
	atomic_store(process.epoch, EPOCH_BLOCKED);
}

void rings_unblock(enum reason reason)
{
	int blocked = reason;

	/* The next call that finds the epoch invalid begins a new one. */
	atomic_compare_exchange_strong(&process.block, &blocked, REASON_RING);
}

/* Number of system call filters that the program has installed or is installing. */
static atomic_int filters;

void rings_block_for_filter(void)
{
	atomic_fetch_add(&filters, 1);
	rings_block(REASON_SANDBOX);
}

void rings_unblock_after_filter(void)
{
	sys_permit();
	if (atomic_fetch_sub(&filters, 1) > 1)
		return;
	rings_unblock(REASON_SANDBOX);
	/* Another thread may have begun to install one in the meantime. */
	if (atomic_load(&filters))
		rings_block(REASON_SANDBOX);
}

void epoch_advance(void)
{
	atomic_store(process.epoch, 0);
}

/* The functions that are called in a forked child. */
static void (*resets[8])(void) EARLY;

COLD void process_call_in_child(void (*reset)(void))
{
	size_t i = 0;

	while (resets[i])
		i++;
	resets[i] = reset;
}

/*
 * Two loads suffice, in the order opposite to that of process_fork_begin(). A fork that is counted
 * in begun is also seen underway, or it is over, and its child gets no descriptor that is opened
 * later. A fork that is not counted in begun makes the mark out of date.
 */
uint64_t process_fork_mark(void)
{
	uint64_t begun = atomic_load(&process.forks_begun);

	return atomic_load(&process.forks_underway) ? UINT64_MAX : begun;
}

void process_fork_begin(void)
{
	atomic_fetch_add(&process.forks_underway, 1);
	atomic_fetch_add(&process.forks_begun, 1);
	/* While system calls are forbidden no ring is entered, so no position lock is held. */
	if (!sys_forbidden())
		position_lock_barrier();
}

void process_fork_end(void)
{
	atomic_fetch_sub(&process.forks_underway, 1);
}

void rings_block_for_shared_memory(void)
{
	/* libc does not know of the new thread. */
	process.single_threaded = &never;
	rings_block(REASON_SHARED_MEMORY_CHILD);
}

void rings_unblock_after_shared_memory(void)
{
	rings_unblock(REASON_SHARED_MEMORY_CHILD);
}

void process_reset_in_child(void)
{
	if (fork_page && fork_page->ours)
		return;
	process.forks_begun++;
	process.forks_underway = 0;
	sys_forked();
	position_lock_reset();
	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]) && resets[i]; i++)
		resets[i]();
	if (fork_page)
		fork_page->ours = 1;
}

bool ring_setup_is_safe(void)
{
	enum { UNKNOWN, YES, NO };
	static atomic_int answer;
	int known = atomic_load(&answer);

	if (known == UNKNOWN) {
		known = seccomp_probe_succeeds() ? YES : NO;
		atomic_store(&answer, known);
	}
	return known == YES;
}

COLD enum reason epoch_renew(void)
{
	uint32_t none = epoch_current();
	int block = atomic_load(&process.block);

	if (block != REASON_RING) {
		/* A forked child finds 0 there. */
		atomic_store(process.epoch, EPOCH_BLOCKED);
		return block;
	}
	if (!epoch_is_invalid())
		return REASON_RING;
	if (!fork_page->ours)
		process_reset_in_child();
	/* Each epoch is a new number, so a parent's ring is valid in no epoch of a child. */
	atomic_compare_exchange_strong(process.epoch, &none,
				       atomic_fetch_add(&process.last_epoch, 1) + 1);
	return REASON_RING;
}

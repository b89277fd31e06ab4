#include <sys/mman.h>
#include "shim/symbols/next-symbol.h"
#include "shim/ring/position-lock.h"
#include "shim/ring/process.h"
#include "shim/base/sys.h"
#include "shim/ring/seccomp-probe.h"

extern char __libc_single_threaded __attribute__((weak));

static _Atomic uint32_t no_era EARLY;

/* On a page that fork wipes: */
struct token {
	_Atomic uint32_t era;
	_Atomic uint32_t ours;		/* 1 in the process that set it, 0 in its children */
};

static struct token *token EARLY;

static const char never;

/* The first of what is HOT. */
struct process process __attribute__((aligned(64))) = {
	.era = &no_era,
	.alone = &never,
	.block = REASON_EARLY,
};

void process_start(void)
{
	struct token *page = sys_pages(sizeof(*page));

	if (&__libc_single_threaded)
		process.alone = &__libc_single_threaded;
	/* Without such a page a child could touch its parent's ring. */
	if (!page || sys3(SYS_madvise, (long)page, sizeof(*page), MADV_WIPEONFORK)) {
		process.block = REASON_NO_RING;
		return;
	}
	token = page;
	token->ours = 1;
	process.era = &page->era;
	/* It would not see what a ring reads, nor go on in other threads while one waits. */
	process.block = next_under_valgrind() ? REASON_VALGRIND : REASON_RING;
	process_renew();
}

void process_block(enum reason reason)
{
	int none = REASON_RING;

	atomic_compare_exchange_strong(&process.block, &none, reason);
	atomic_store(process.era, ERA_OVER);
}

void process_lift(enum reason reason)
{
	int blocked = reason;

	/* The next call that looks begins a new era. */
	atomic_compare_exchange_strong(&process.block, &blocked, REASON_RING);
}

/* How many filters the program has installed or is installing. */
static atomic_int filters;

void process_filter_begin(void)
{
	atomic_fetch_add(&filters, 1);
	process_block(REASON_SANDBOX);
}

void process_filter_failed(void)
{
	sys_permit();
	if (atomic_fetch_sub(&filters, 1) > 1)
		return;
	process_lift(REASON_SANDBOX);
	/* Another thread may have begun just now. */
	if (atomic_load(&filters))
		process_block(REASON_SANDBOX);
}

void process_new_era(void)
{
	atomic_store(process.era, 0);
}

/* What others have to do in a forked child. */
static void (*resets[4])(void) EARLY;

COLD void process_call_in_child(void (*reset)(void))
{
	size_t i = 0;

	while (resets[i])
		i++;
	resets[i] = reset;
}

static const uint64_t FORKING = 1ull << 32;

void process_fork_begin(void)
{
	atomic_fetch_add(&process.forks, FORKING + 1);
	/* Where no ring may be entered nobody holds a position. */
	if (!sys_forbidden())
		position_lock_barrier();
}

void process_fork_end(void)
{
	atomic_fetch_sub(&process.forks, FORKING - 1);
}

void process_share_begin(void)
{
	/* libc does not know of it. */
	process.alone = &never;
	process_block(REASON_FORKED);
}

void process_share_failed(void)
{
	process_lift(REASON_FORKED);
}

void process_forked(void)
{
	if (token && token->ours)
		return;
	process.forks = process.forks % FORKING + 1;
	sys_forked();
	position_lock_reset();
	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]) && resets[i]; i++)
		resets[i]();
	if (token)
		token->ours = 1;
}

bool process_may_try(void)
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

COLD enum reason process_renew(void)
{
	uint32_t none = process_era();
	int block = atomic_load(&process.block);

	if (block != REASON_RING) {
		/* A forked child found 0. */
		atomic_store(process.era, ERA_OVER);
		return block;
	}
	if (!process_has_no_era())
		return REASON_RING;
	if (!token->ours)
		process_forked();
	/* Every era is a new number: a parent's ring is valid in none of them. */
	atomic_compare_exchange_strong(process.era, &none, atomic_fetch_add(&process.eras, 1) + 1);
	return REASON_RING;
}

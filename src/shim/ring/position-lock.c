/* SPDX-License-Identifier: MIT */
/* Futex locks that keep their owner's thread id. */
#include <linux/futex.h>
#include <string.h>
#include "shim/base/clock.h"
#include "shim/ring/position-lock.h"
#include "shim/base/sys.h"

/* A lock contains its owner's thread id, 0: free. The top bit says that other threads wait. */
enum { WAITERS = 1u << 31 };

static _Atomic uint32_t locks[POSITION_LOCKS];
static _Atomic uint32_t drawn;

unsigned position_lock_draw(void)
{
	return atomic_fetch_add_explicit(&drawn, 1, memory_order_relaxed) % POSITION_LOCKS;
}

static void sys_futex(_Atomic uint32_t *word, int op, uint32_t value)
{
	sys4(SYS_futex, (long)word, op | FUTEX_PRIVATE_FLAG, value, 0);
}

void position_lock_acquire(unsigned lock, uint32_t owner)
{
	_Atomic uint32_t *word = &locks[lock];
	uint32_t taken = owner;

	for (;;) {
		uint32_t seen = 0;

		/* Sequentially consistent: process_fork_begin() counts a fork, then looks here. */
		if (atomic_compare_exchange_strong(word, &seen, taken))
			return;
		if (!(seen & WAITERS) &&
		    !atomic_compare_exchange_strong(word, &seen, seen | WAITERS))
			continue;
		call_clock_begin();
		sys_futex(word, FUTEX_WAIT, seen | WAITERS);
		/* Other threads may still wait, so one that has waited keeps the mark. */
		taken = owner | WAITERS;
	}
}

bool position_lock_is_held(unsigned lock, uint32_t owner)
{
	return (atomic_load_explicit(&locks[lock], memory_order_relaxed) & ~WAITERS) == owner;
}

void position_lock_release(unsigned lock, uint32_t owner)
{
	_Atomic uint32_t *word = &locks[lock];

	if (atomic_exchange_explicit(word, 0, memory_order_release) & WAITERS)
		sys_futex(word, FUTEX_WAKE, 1);
}

void position_lock_barrier(void)
{
	uint32_t self = (uint32_t)sys0(SYS_gettid);

	for (unsigned i = 0; i < POSITION_LOCKS; i++) {
		if (!atomic_load(&locks[i]) || position_lock_is_held(i, self))
			continue;
		position_lock_acquire(i, self);
		position_lock_release(i, self);
	}
}

void position_lock_reset(void)
{
	for (size_t i = 0; i < POSITION_LOCKS; i++)
		atomic_store_explicit(&locks[i], 0, memory_order_relaxed);
}

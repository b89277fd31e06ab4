/* SPDX-License-Identifier: MIT */
#include <time.h>
#include "shim/base/clock.h"

int64_t monotonic_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

struct moment moment_now(void)
{
	enum { CLOSE = 1000, TRIES = 8 };
	struct moment now = { 0 };

	for (int i = 0; i < TRIES; i++) {
		uint64_t before = ticks_now(), between;

		now.ns = monotonic_now();
		between = ticks_now() - before;
		now.ticks = before + between / 2;
		/* Nothing else ran in between. */
		if (between < CLOSE)
			break;
	}
	return now;
}

static struct moment start;

void ticks_start(void)
{
	start = moment_now();
}

bool ticks_are_long(uint64_t ticks)
{
	uint64_t passed = ticks_now() - start.ticks;
	uint64_t ns = (uint64_t)(monotonic_now() - start.ns);

	return (unsigned __int128)ticks * ns > (unsigned __int128)passed * (40 * 1000);
}

__thread struct call_clock call_clock;
bool call_clock_runs EARLY;

/* The length of a tick, in 2^-32 ns, and over how many ticks it was measured. */
static _Atomic uint64_t tick_length, tick_span;

static COLD void measure_tick(void)
{
	struct moment now = moment_now();
	uint64_t span = now.ticks - start.ticks;

	/* Processors can count from different starts. */
	if ((int64_t)span <= 0)
		return;
	atomic_store_explicit(
		&tick_length,
		(uint64_t)(((unsigned __int128)(uint64_t)(now.ns - start.ns) << 32) / span),
		memory_order_relaxed);
	atomic_store_explicit(&tick_span, span, memory_order_relaxed);
}

uint64_t ticks_to_ns(uint64_t ticks)
{
	if (unlikely(ticks >= atomic_load_explicit(&tick_span, memory_order_relaxed)))
		measure_tick();
	return (uint64_t)((unsigned __int128)ticks *
				  atomic_load_explicit(&tick_length, memory_order_relaxed) >>
			  32);
}

/* SPDX-License-Identifier: MIT */
#include <time.h>
#include "shim/base/clock.h"

int64_t monotonic_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* A moment, by both clocks. */
static struct {
	uint64_t ticks;
	int64_t ns;
} start;

void ticks_start(void)
{
	start.ticks = ticks_now();
	start.ns = monotonic_now();
}

bool ticks_are_long(uint64_t ticks)
{
	uint64_t passed = ticks_now() - start.ticks;
	uint64_t ns = (uint64_t)(monotonic_now() - start.ns);

	return (unsigned __int128)ticks * ns > (unsigned __int128)passed * (40 * 1000);
}

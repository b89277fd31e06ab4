/* SPDX-License-Identifier: MIT */
#include <time.h>
#include "shim/base/clock.h"

int64_t monotonic_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* SPDX-License-Identifier: MIT */
#ifndef RINGSHIM_CLI_ADVISE_MOMENT_H
#define RINGSHIM_CLI_ADVISE_MOMENT_H

#include <time.h>

/* Returns CLOCK_MONOTONIC in ns. */
static inline double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

#endif

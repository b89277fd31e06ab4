/* SPDX-License-Identifier: MIT */
/*
 * Times each native call of the program, for ringshim advise (RINGSHIM_TIMINGS), which has all calls
 * made directly, and for the statistics (RINGSHIM_STATS_HISTOGRAMS), which time the calls by ring
 * elsewhere (route/stats.c). Without these settings nothing here runs.
 */
#ifndef SHIM_TIMING_TIMING_H
#define SHIM_TIMING_TIMING_H

#include "shim/base/clock.h"
#include "shim/config/settings.h"

/* What a call is about. */
struct timed_call {
	uint16_t call;	  /* enum call or enum timed_extra */
	int fd;		  /* -1: none */
	int dir;	  /* that path begins in */
	const char *path; /* NULL: none */
	int64_t offset;	  /* -1: none */
	uintptr_t site;	  /* site_hide() of where the timing function returns to; ~0: not known */
};

/*
 * Old values stay on the stack, where site_find() looks for a return address. It is not to find
 * this one.
 */
static inline uintptr_t site_hide(const void *address)
{
	return ~(uintptr_t)address;
}

/* A call that libc makes for a stream. */
static inline struct timed_call timed_stream_call(enum call call, int fd)
{
	return (struct timed_call){ .call = call, .fd = fd, .offset = -1, .site = UINTPTR_MAX };
}

/* Does the work of timing_start(). */
void timing_begin(void);

/* Puts functions into next_table that time each call. */
void timing_stand_ins_put(void);

/* Call once, when the settings are known. */
static inline void timing_start(void)
{
	if (unlikely(settings.timings != NULL || call_clock_runs))
		timing_begin();
}

/* Notes a call that began at these ticks and has just returned ret. Keeps errno. */
void timing_note(const struct timed_call *call, uint64_t begin, ssize_t ret);

#endif

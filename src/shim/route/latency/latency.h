/* SPDX-License-Identifier: MIT */
/* Counts calls by how long they took (RINGSHIM_STATS_HISTOGRAMS). */
#ifndef SHIM_ROUTE_LATENCY_LATENCY_H
#define SHIM_ROUTE_LATENCY_LATENCY_H

#include "shim/route/stats-record.h"

/* Call once, at the start: from now on calls are timed. */
void latency_start(void);

/* Call in a forked child: the calls that its parent was making are not its own. */
void latency_forget(void);

/* Counts a call by ring, which has just ended. */
void latency_count_ring(struct stats_latencies *stripe, enum call call);

/*
 * Counts a call that was made directly, began at these ticks and has just ended. Returns false if it
 * was not counted as a call: the library has made the native call for itself.
 */
bool latency_count_direct(struct stats_latencies *stripe, enum call call, uint64_t begin);

#endif

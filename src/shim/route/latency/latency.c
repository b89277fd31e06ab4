/* SPDX-License-Identifier: MIT */
#include "shim/base/clock.h"
#include "shim/base/signal-atomic.h"
#include "shim/queue/prepare-flags.h"
#include "shim/ring/process.h"
#include "shim/route/latency/latency.h"

COLD void latency_start(void)
{
	ticks_start();
	call_clock_runs = true;
	/* op_prepare() notes when a call by ring begins. */
	prepare_flags |= PREPARE_FOR_CLOCK;
}

void latency_forget(void)
{
	call_clock = (struct call_clock){ 0 };
}

static void note_longest(_Atomic uint64_t *longest, uint64_t ns)
{
	uint64_t before = atomic_load_explicit(longest, memory_order_relaxed);

	while (ns > before &&
	       !atomic_compare_exchange_weak_explicit(longest, &before, ns, memory_order_relaxed,
						      memory_order_relaxed))
		;
}

static void count_since(struct stats_latencies *stripe, enum call call, uint64_t begin)
{
	/* Processors can count from different starts. */
	int64_t passed = (int64_t)(ticks_now() - begin);
	uint64_t ns = ticks_to_ns(passed > 0 ? (uint64_t)passed : 0);
	_Atomic uint64_t *count = &stripe->counts[call][stats_bucket_of(ns)];

	if (process_is_single_threaded())
		signal_atomic_increment(count);
	else
		atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
	note_longest(&stripe->longest[call], ns);
}

void latency_count_ring(struct stats_latencies *stripe, enum call call)
{
	uint64_t begin = call_clock.began;

	call_clock.began = 0;
	count_since(stripe, call, begin ? begin : ticks_now());
}

bool latency_count_direct(struct stats_latencies *stripe, enum call call, uint64_t begin)
{
	/* The ring was tried first. */
	uint64_t began = call_clock.began;

	if (!call_clock.directs)
		return false;
	call_clock.directs--;
	call_clock.began = 0;
	count_since(stripe, call, began ? began : begin);
	return true;
}

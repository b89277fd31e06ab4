/* SPDX-License-Identifier: MIT */
/* The slow paths of stats.h: the record's life, and what is counted besides the calls. */
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include "shim/base/clock.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"
#include "shim/fd/wait-place.h"
#include "shim/route/latency/latency.h"
#include "shim/route/stats.h"
#include "shim/route/stats-file.h"
#include "shim/route/stats-report.h"

/*
 * In a section of its own, so that its alignment does not move .bss to a page that the start of each
 * program would have to touch. gcc writes the name to the assembler as it is; the # begins a comment.
 */
#if defined(__x86_64__) && !defined(__clang__)
struct stats_record stats_record __attribute__((section("shim_record,\"aw\",@nobits#")));
#else
struct stats_record stats_record;
#endif

/* True if the record is the mapping of a file, perhaps of the parent's. */
static bool is_mapped;

static void begin_duties(void)
{
	uint32_t duties = STATS_BEGIN | STATS_RESULTS;

	if (settings.stats_histograms)
		duties |= STATS_CLOCK;
	if (!settings.stats)
		return;
	__atomic_fetch_and(&stats_duties, (uint32_t)PROBED, __ATOMIC_RELAXED);
	__atomic_fetch_or(&stats_duties, duties, __ATOMIC_RELAXED);
}

void stats_start(void)
{
	stats_file_start(environ);
	stats_report_start();
	if (settings.stats_histograms)
		latency_start();
	begin_duties();
}

static struct stats_latencies *latencies_of(const struct thread *thread)
{
	return &stats_record.latencies[stats_stripe_of(thread)];
}

/* Returns a count and sets it to 0. Reads it first: a page that is only read stays shared. */
static uint64_t take_count(_Atomic uint64_t *count)
{
	if (!atomic_load_explicit(count, memory_order_relaxed))
		return 0;
	return atomic_exchange_explicit(count, 0, memory_order_relaxed);
}

/*
 * What another thread counts while the file is being mapped is lost. Only the first call of the
 * process does this, so there is hardly ever another thread.
 */
static void make_file(const struct thread *thread)
{
	stats_report_describe(&stats_record.owner);
	if (!stats_file_map(&stats_record, !process_is_single_threaded(), stats_stripe_of(thread)))
		return;
	is_mapped = true;
	atomic_store(&wait_places, stats_record.waits);
}

/* Gives the process a record that others can read, once. */
static COLD void begin_record(const struct thread *thread)
{
	uint64_t mask;

	/* A later call will do; a handler on a small stack has no room for this. */
	if (thread->small_end)
		return;
	if (!(__atomic_fetch_and(&stats_duties, ~STATS_BEGIN, __ATOMIC_RELAXED) & STATS_BEGIN) ||
	    sys_forbidden())
		return;
	/* No handler may leave by a jump halfway through. */
	sys_block_signals(&mask);
	make_file(thread);
	sys_restore_signals(&mask);
}

static const bool moves_bytes[CALL_COUNT] = {
	[CALL_read] = true,    [CALL_write] = true,    [CALL_pread] = true,   [CALL_pwrite] = true,
	[CALL_readv] = true,   [CALL_writev] = true,   [CALL_preadv] = true,  [CALL_pwritev] = true,
	[CALL_preadv2] = true, [CALL_pwritev2] = true, [CALL_send] = true,    [CALL_recv] = true,
	[CALL_sendto] = true,  [CALL_recvfrom] = true, [CALL_sendmsg] = true, [CALL_recvmsg] = true,
	[CALL_splice] = true,  [CALL_tee] = true,
};

static void add(_Atomic uint64_t *to, uint64_t count)
{
	if (process_is_single_threaded())
		signal_atomic_add_long(to, count);
	else
		atomic_fetch_add_explicit(to, count, memory_order_relaxed);
}

/* Counts what the thread has submitted, and the ring that it has made, since its last call. */
static void note_ring(struct thread *thread, struct stats_results *results)
{
	add(&results->process[PROCESS_SUBMISSIONS],
	    thread->last_user_data - thread->noted_user_data);
	thread->noted_user_data = thread->last_user_data;
	/* A thread makes one ring in an epoch. */
	if (thread->noted_epoch == thread->epoch || thread->epoch == EPOCH_NONE)
		return;
	thread->noted_epoch = thread->epoch;
	add(&results->process[PROCESS_RINGS], 1);
}

static void note_result(struct thread *thread, enum call call, ssize_t res)
{
	struct stats_results *results = &stats_record.results[stats_stripe_of(thread)];
	_Atomic uint64_t *counts = results->calls[call];

	if (res < 0)
		add(&counts[RESULT_ERRORS], 1);
	else if (moves_bytes[call])
		add(&counts[RESULT_BYTES], (uint64_t)res);
	if (res < 0 && errno == EINTR)
		add(&counts[RESULT_INTERRUPTED], 1);
	if (thread->last_outcome == OUTCOME_WAITED)
		add(&counts[RESULT_WAITS], 1);
	else if (thread->last_outcome == OUTCOME_BY_WORKER)
		add(&counts[RESULT_WORKERS], 1);
	note_ring(thread, results);
}

void stats_attend(void)
{
	uint32_t duties = stats_duties;

	if (duties & PROBED)
		probe_fallback(thread_self.counted_call, thread_self.counted_reason,
			       reason_names[thread_self.counted_reason]);
	if (duties & STATS_BEGIN)
		begin_record(&thread_self);
	if (duties & STATS_LATE)
		stats_write();
	if (duties & STATS_CLOCK)
		call_clock.directs++;
}

void stats_note_direct(enum call call, uint64_t begin)
{
	if (thread_is_vfork_child() ||
	    !latency_count_direct(latencies_of(&thread_self), call, begin))
		return;
	if (unlikely(stats_duties & STATS_LATE))
		stats_write();
}

void stats_attend_ring(struct thread *thread, enum call call, ssize_t res)
{
	uint32_t duties = stats_duties;

	if (duties & PROBED)
		probe_complete(call, res < 0 ? -errno : res);
	if (unlikely(duties & STATS_BEGIN))
		begin_record(thread);
	if (duties & STATS_RESULTS)
		note_result(thread, call, res);
	if (duties & STATS_CLOCK)
		latency_count_ring(latencies_of(thread), call);
	if (unlikely(duties & STATS_LATE))
		stats_write();
}

void stats_write(void)
{
	if (settings.stats && !thread_is_vfork_child() && !sys_forbidden())
		stats_report_write(&stats_record, stats_duties & STATS_LATE);
}

void stats_leave(void)
{
	stats_write();
	stats_file_remove();
}

void stats_stay(void)
{
	if (is_mapped)
		stats_file_map(&stats_record, true, 0);
}

void stats_end(void)
{
	stats_leave();
	if (settings.stats)
		__atomic_fetch_or(&stats_duties, STATS_LATE, __ATOMIC_RELAXED);
}

static void clear_counts(size_t from, size_t to)
{
	_Atomic uint64_t *counts = (_Atomic uint64_t *)&stats_record;

	for (size_t i = from / sizeof(*counts); i < to / sizeof(*counts); i++)
		take_count(&counts[i]);
}

/* Sets what is counted to 0. Most of it is 0, and is only read. */
static void clear_record(void)
{
	clear_counts(0, offsetof(struct stats_record, owner));
	if (call_clock_runs)
		clear_counts(offsetof(struct stats_record, latencies), sizeof(stats_record));
}

/*
 * The mapping is the parent's as well, so memory of the child's own takes its place. Where the
 * program's filter may forbid that, the child goes on counting for its parent.
 */
static void leave_parents_record(void)
{
	long ret = sys6(SYS_mmap, (long)&stats_record, (long)stats_record_size(call_clock_runs),
			PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	is_mapped = ret != (long)&stats_record;
}

void stats_forget(void)
{
	atomic_store(&wait_places, NULL);
	if (is_mapped)
		leave_parents_record();
	else
		clear_record();
	stats_file_forget();
	latency_forget();
	if (!settings.stats || is_mapped)
		return;
	stats_report_start();
	begin_duties();
}

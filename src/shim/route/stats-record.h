/* SPDX-License-Identifier: MIT */
/*
 * The record of a process's counts. While the process runs it is a file mapping, which the command
 * reads (src/cli/statistics/); where no file can be had, it is static memory. Whoever changes
 * the layout, or the order of the calls or reasons, raises STATS_VERSION.
 */
#ifndef SHIM_ROUTE_STATS_RECORD_H
#define SHIM_ROUTE_STATS_RECORD_H

#include "shim/config/reasons.h"
#include "shim/fd/wait-place.h"
#include "shim/symbols/call-ids.h"

#define STATS_MAGIC "ringshim"
enum { STATS_VERSION = 2 };

/* Threads count in different stripes, so that they do not contend for the same counters. */
enum { STATS_STRIPES = 16, STATS_STRIPE_SIZE = 16384, STATS_PATH_MAX = 4096 };

/* Padded to a power of two, so that its address is cheap to compute. */
struct stats_stripe {
	_Atomic uint64_t counts[CALL_COUNT][REASON_COUNT];
	char unused[STATS_STRIPE_SIZE - CALL_COUNT * REASON_COUNT * sizeof(uint64_t)];
} __attribute__((aligned(64)));

/* What is counted of the calls that went by ring, besides their number. */
enum stats_result {
	RESULT_BYTES,	    /* transferred, of calls that return a number of bytes */
	RESULT_ERRORS,	    /* calls that returned -1 */
	RESULT_INTERRUPTED, /* those among them with EINTR */
	RESULT_WAITS,	    /* calls that were not done in their submission */
	RESULT_WORKERS,	    /* calls that a worker of the kernel ran */
	RESULT_KINDS,
};

/* What is counted of the process. */
enum stats_process {
	PROCESS_RINGS,	     /* rings made */
	PROCESS_SUBMISSIONS, /* entries submitted for calls */
	PROCESS_KINDS,
};

extern const char *const stats_result_names[RESULT_KINDS];
extern const char *const stats_process_names[PROCESS_KINDS];

struct stats_results {
	_Atomic uint64_t calls[CALL_COUNT][RESULT_KINDS];
	_Atomic uint64_t process[PROCESS_KINDS];
} __attribute__((aligned(64)));

/* Bucket n counts calls of 2^n to 2^(n+1) ns: the first also those of 0, the last all longer ones. */
enum { STATS_BUCKETS = 40 };

/* How long calls took, by ring or direct. */
struct stats_latencies {
	_Atomic uint64_t counts[CALL_COUNT][STATS_BUCKETS];
	_Atomic uint64_t longest[CALL_COUNT]; /* in ns */
} __attribute__((aligned(64)));

/* The sums of all stripes. */
struct stats_totals {
	uint64_t counts[CALL_COUNT][REASON_COUNT];
	uint64_t results[CALL_COUNT][RESULT_KINDS];
	uint64_t process[PROCESS_KINDS];
	uint64_t latencies[CALL_COUNT][STATS_BUCKETS];
	uint64_t longest[CALL_COUNT];
};

/* Says whose record it is. Readers take it from the file beside the record (stats-file.h). */
struct stats_owner {
	char magic[8];
	uint32_t version;
	uint32_t size; /* of the whole record */
	uint32_t calls, reasons;
	uint32_t pid;
	uint32_t unused;
	uint64_t pid_namespace; /* the inode of /proc/self/ns/pid; 0: not known */
	uint64_t began;		/* CLOCK_BOOTTIME, ns: the process is older than its record */
	char program[32];
	char file[STATS_PATH_MAX]; /* where the process writes its report; absolute */
};

/* A file is mapped over the record, so it has whole pages of memory. */
#if defined(__aarch64__)
enum { STATS_PAGE = 65536 };
#else
enum { STATS_PAGE = 4096 };
#endif

struct stats_record {
	struct stats_stripe stripes[STATS_STRIPES];
	struct stats_results results[STATS_STRIPES];
	/* What is in a report already. */
	_Atomic uint64_t reported_counts[CALL_COUNT][REASON_COUNT];
	_Atomic uint64_t reported_results[CALL_COUNT][RESULT_KINDS];
	_Atomic uint64_t reported_process[PROCESS_KINDS];
	struct wait_place waits[WAIT_PLACES];
	struct stats_owner owner;
	/* Only with RINGSHIM_STATS_HISTOGRAMS: otherwise the record ends here. */
	struct stats_latencies latencies[STATS_STRIPES] __attribute__((aligned(STATS_PAGE)));
	_Atomic uint64_t reported_latencies[CALL_COUNT][STATS_BUCKETS];
	_Atomic uint64_t reported_longest[CALL_COUNT];
} __attribute__((aligned(STATS_PAGE)));

/* Returns the size of a record with histograms or without. */
static inline size_t stats_record_size(bool histograms)
{
	return histograms ? sizeof(struct stats_record) : offsetof(struct stats_record, latencies);
}

static inline unsigned stats_bucket_of(uint64_t ns)
{
	unsigned bucket = 63 - (unsigned)__builtin_clzll(ns | 1);

	return bucket < STATS_BUCKETS ? bucket : STATS_BUCKETS - 1;
}

/* Returns the shortest time that bucket counts, in ns. */
static inline uint64_t stats_bucket_start(size_t bucket)
{
	return bucket ? 1ull << bucket : 0;
}

/* Add up the stripes of a record, or find their longest call. */
uint64_t stats_sum_count(const struct stats_record *record, size_t call, size_t reason);
uint64_t stats_sum_result(const struct stats_record *record, size_t call, size_t kind);
uint64_t stats_sum_process(const struct stats_record *record, size_t kind);
/* Only of a record that stats_has_latencies(). */
uint64_t stats_sum_latency(const struct stats_record *record, size_t call, size_t bucket);
uint64_t stats_find_longest(const struct stats_record *record, size_t call);

/* Returns true if this library could have written the record. */
bool stats_is_record(const struct stats_owner *owner);

/* Returns true if the record of such an owner has histograms. */
static inline bool stats_has_latencies(const struct stats_owner *owner)
{
	return owner->size == stats_record_size(true);
}

#endif

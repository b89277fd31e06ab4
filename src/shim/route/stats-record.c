/* SPDX-License-Identifier: MIT */
/* Reads the record of stats-record.h; for the preload library and for the command. */
#include <string.h>
#include "shim/route/stats-record.h"

const char *const stats_result_names[RESULT_KINDS] = {
	[RESULT_BYTES] = "bytes",
	[RESULT_ERRORS] = "errors",
	[RESULT_INTERRUPTED] = "interrupted",
	[RESULT_WAITS] = "waits",
	[RESULT_WORKERS] = "workers",
};

const char *const stats_process_names[PROCESS_KINDS] = {
	[PROCESS_RINGS] = "rings",
	[PROCESS_SUBMISSIONS] = "submissions",
};

static uint64_t load(const _Atomic uint64_t *count)
{
	return atomic_load_explicit(count, memory_order_relaxed);
}

/* Adds up a count of all stripes. first: that of the first one; the others follow at this distance. */
static uint64_t sum_stripes(const _Atomic uint64_t *first, size_t distance)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < STATS_STRIPES; i++)
		sum += load(first + i * (distance / sizeof(*first)));
	return sum;
}

uint64_t stats_sum_count(const struct stats_record *record, size_t call, size_t reason)
{
	return sum_stripes(&record->stripes[0].counts[call][reason], sizeof(record->stripes[0]));
}

uint64_t stats_sum_result(const struct stats_record *record, size_t call, size_t kind)
{
	return sum_stripes(&record->results[0].calls[call][kind], sizeof(record->results[0]));
}

uint64_t stats_sum_process(const struct stats_record *record, size_t kind)
{
	return sum_stripes(&record->results[0].process[kind], sizeof(record->results[0]));
}

uint64_t stats_sum_latency(const struct stats_record *record, size_t call, size_t bucket)
{
	return sum_stripes(&record->latencies[0].counts[call][bucket],
			   sizeof(record->latencies[0]));
}

uint64_t stats_find_longest(const struct stats_record *record, size_t call)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < STATS_STRIPES; i++) {
		uint64_t ns = load(&record->latencies[i].longest[call]);

		longest = ns > longest ? ns : longest;
	}
	return longest;
}

bool stats_is_record(const struct stats_owner *owner)
{
	return !memcmp(owner->magic, STATS_MAGIC, sizeof(owner->magic)) &&
		owner->version == STATS_VERSION &&
		(owner->size == stats_record_size(false) ||
		 owner->size == stats_record_size(true)) &&
		owner->calls == CALL_COUNT && owner->reasons == REASON_COUNT &&
		memchr(owner->program, '\0', sizeof(owner->program)) &&
		memchr(owner->file, '\0', sizeof(owner->file));
}

/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/statistics/summary.h"

#include <stdlib.h>
#include <string.h>

static bool find_name(const char *name, const char *const names[], size_t count, size_t *index)
{
	for (*index = 0; *index < count; ++*index)
		if (!strcmp(names[*index], name))
			return true;
	return false;
}

static bool find_call(const char *name, size_t *call)
{
	for (*call = 0; *call < CALL_COUNT; ++*call)
		if (!strcmp(call_names[*call].name, name))
			return true;
	return false;
}

static void add_ahead(struct summary *summary, const struct row *row)
{
	for (size_t i = 0; i < SUMMARY_AHEAD_MAX; i++) {
		if (!summary->ahead[i].name[0])
			snprintf(summary->ahead[i].name, sizeof(summary->ahead[i].name), "%s",
				 row->what);
		if (strcmp(summary->ahead[i].name, row->what))
			continue;
		summary->ahead[i].count += row->count;
		return;
	}
}

static void add_call(struct stats_totals *totals, size_t call, const struct row *row)
{
	size_t index;

	if (!strcmp(row->what, "ring"))
		totals->counts[call][REASON_RING] += row->count;
	else if (!strcmp(row->what, "direct") &&
		 find_name(row->why, reason_names, REASON_COUNT, &index))
		totals->counts[call][index] += row->count;
	else if (find_name(row->what, stats_result_names, RESULT_KINDS, &index))
		totals->results[call][index] += row->count;
	else if (!strcmp(row->what, "latency"))
		totals->latencies[call][stats_bucket_of(strtoull(row->why, NULL, 10))] += row->count;
	else if (!strcmp(row->what, "longest") && row->count > totals->longest[call])
		totals->longest[call] = row->count;
}

void summary_add_row(struct summary *summary, const struct row *row)
{
	size_t index;

	summary->processes += summary->pid != row->pid;
	summary->pid = row->pid;
	if (!strcmp(row->subject, "ahead"))
		add_ahead(summary, row);
	else if (find_call(row->subject, &index))
		add_call(&summary->totals, index, row);
	else if (!strcmp(row->subject, "process") &&
		 find_name(row->what, stats_process_names, PROCESS_KINDS, &index))
		summary->totals.process[index] += row->count;
}

static uint64_t count_direct(const uint64_t counts[REASON_COUNT])
{
	uint64_t sum = 0;

	for (size_t reason = 0; reason < REASON_COUNT; reason++)
		if (reason != REASON_RING)
			sum += counts[reason];
	return sum;
}

uint64_t summary_count_ring(const struct stats_totals *totals)
{
	uint64_t sum = 0;

	for (size_t call = 0; call < CALL_COUNT; call++)
		sum += totals->counts[call][REASON_RING];
	return sum;
}

uint64_t summary_count_calls(const struct stats_totals *totals)
{
	uint64_t sum = summary_count_ring(totals);

	for (size_t call = 0; call < CALL_COUNT; call++)
		sum += count_direct(totals->counts[call]);
	return sum;
}

uint64_t summary_count_results(const struct stats_totals *totals, enum stats_result kind)
{
	uint64_t sum = 0;

	for (size_t call = 0; call < CALL_COUNT; call++)
		sum += totals->results[call][kind];
	return sum;
}

uint64_t summary_count_latencies(const struct stats_totals *totals, size_t call)
{
	uint64_t sum = 0;

	for (size_t bucket = 0; bucket < STATS_BUCKETS; bucket++)
		sum += totals->latencies[call][bucket];
	return sum;
}

uint64_t summary_find_quantile(const struct stats_totals *totals, size_t call, double quantile)
{
	double left = quantile * (double)summary_count_latencies(totals, call);

	for (size_t bucket = 0; bucket < STATS_BUCKETS; bucket++) {
		double count = (double)totals->latencies[call][bucket];
		double start = (double)stats_bucket_start(bucket);
		double end = (double)stats_bucket_start(bucket + 1);

		if (end > (double)totals->longest[call])
			end = (double)totals->longest[call];
		if (count > 0 && left <= count)
			return (uint64_t)(start + (end > start ? (end - start) * left / count : 0));
		left -= count;
	}
	return totals->longest[call];
}

static void write_latency(struct json *json, const struct stats_totals *totals, size_t call)
{
	if (!summary_count_latencies(totals, call))
		return;
	json_object(json, "latency");
	json_number(json, "p50", (long long)summary_find_quantile(totals, call, 0.5));
	json_number(json, "p99", (long long)summary_find_quantile(totals, call, 0.99));
	json_number(json, "max", (long long)totals->longest[call]);
	json_array(json, "buckets");
	for (size_t bucket = 0; bucket < STATS_BUCKETS; bucket++) {
		if (!totals->latencies[call][bucket])
			continue;
		json_object(json, NULL);
		json_number(json, "from", (long long)stats_bucket_start(bucket));
		json_number(json, "count", (long long)totals->latencies[call][bucket]);
		json_close_object(json);
	}
	json_close_array(json);
	json_close_object(json);
}

void summary_write_json(struct json *json, const struct summary *summary)
{
	static const char *const states[] = {
		[STATE_RUNNING] = "running",
		[STATE_ENDED] = "ended",
		[STATE_REPORTED] = "reported",
	};
	const struct stats_totals *totals = &summary->totals;

	json_object(json, NULL);
	json_string(json, "program", summary->program);
	json_number(json, "pid", summary->pid);
	json_number(json, "processes", summary->processes);
	json_string(json, "state", states[summary->state]);
	for (size_t kind = 0; kind < PROCESS_KINDS; kind++)
		json_number(json, stats_process_names[kind], (long long)totals->process[kind]);
	json_array(json, "calls");
	for (size_t call = 0; call < CALL_COUNT; call++) {
		uint64_t ring = totals->counts[call][REASON_RING];

		if (!ring && !count_direct(totals->counts[call]))
			continue;
		json_object(json, NULL);
		json_string(json, "call", call_names[call].name);
		json_number(json, "ring", (long long)ring);
		json_object(json, "direct");
		for (size_t reason = 0; reason < REASON_COUNT; reason++)
			if (reason != REASON_RING && totals->counts[call][reason])
				json_number(json, reason_names[reason],
					    (long long)totals->counts[call][reason]);
		json_close_object(json);
		for (size_t kind = 0; kind < RESULT_KINDS; kind++)
			json_number(json, stats_result_names[kind],
				    (long long)totals->results[call][kind]);
		write_latency(json, totals, call);
		json_close_object(json);
	}
	json_close_array(json);
	json_object(json, "ahead");
	for (size_t i = 0; i < SUMMARY_AHEAD_MAX && summary->ahead[i].name[0]; i++)
		json_number(json, summary->ahead[i].name, (long long)summary->ahead[i].count);
	json_close_object(json);
	json_close_object(json);
}

/* SPDX-License-Identifier: MIT */
/* Writes the advice as JSON. ringshim-advise(1) has the schema. */
#include "config.h"

#include "cli/advise/advise.h"

#include "cli/output/json.h"

enum { SCHEMA_VERSION = 1 };

static const char *const way_names[WAYS] = {
	[WAY_RING] = "ring",
	[WAY_AHEAD] = "ahead",
	[WAY_SYNC] = "sync",
	[WAY_REWRITTEN] = "rewritten",
};

static void write_ns(struct json *json, const char *key, double ns)
{
	json_number(json, key, (long long)(ns + 0.5));
}

static void write_calls(struct json *json, const struct recording *recording)
{
	json_array(json, "calls");
	for (unsigned i = 0; i < TIMED_COUNT; i++) {
		const struct call_total *total = &recording->calls[i];

		if (!total->count)
			continue;
		json_object(json, NULL);
		json_string(json, "call", recording_call_name(i));
		json_number(json, "count", (long long)total->count);
		json_number(json, "errors", (long long)total->errors);
		write_ns(json, "total_ns", total->ns);
		write_ns(json, "p50_ns", recording_percentile(recording, i, 0.5));
		write_ns(json, "p99_ns", recording_percentile(recording, i, 0.99));
		write_ns(json, "longest_ns", total->max);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_longest(struct json *json, const struct advice *advice)
{
	const struct wait *longest[LONGEST_MOST];
	size_t count = advice_longest(advice, longest);

	json_array(json, "longest");
	for (size_t i = 0; i < count; i++) {
		json_object(json, NULL);
		write_ns(json, "ns", longest[i]->ns);
		json_string(json, "call", recording_call_name(longest[i]->call));
		json_string(json, "name", *longest[i]->name ? longest[i]->name : NULL);
		json_number(json, "process", longest[i]->process);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_waits(struct json *json, const struct advice *advice)
{
	json_object(json, "waits");
	for (enum wait_kind kind = 0; kind < WAIT_KINDS; kind++) {
		json_object(json, wait_kind_name(kind));
		json_number(json, "count", (long long)advice->overlap.groups[kind].count);
		write_ns(json, "total_ns", advice->overlap.groups[kind].ns);
		json_bool(json, "can_overlap", wait_kind_can_overlap(kind));
		json_close_object(json);
	}
	json_close_object(json);
	json_number(json, "waits_lost", (long long)advice->recording.lost);
}

static void write_machine(struct json *json, const struct calibration *calibration)
{
	const struct disk_times *disk = &calibration->disk;

	json_object(json, "machine");
	json_number(json, "ring_errno", calibration->ring_error);
	write_ns(json, "cached_read_ns", calibration->native);
	write_ns(json, "cached_read_ring_ns", calibration->ring);
	write_ns(json, "cached_read_ring_8_ns", calibration->ring_8);
	write_ns(json, "cached_read_ring_32_ns", calibration->ring_32);
	write_ns(json, "worker_ns", calibration->worker > 0 ? calibration->worker : 0);
	write_ns(json, "start_ns", calibration->start);
	write_ns(json, "cold_read_ns", disk->cold);
	write_ns(json, "cold_read_8_ns", disk->cold_8);
	write_ns(json, "cold_read_32_ns", disk->cold_32);
	write_ns(json, "sync_ns", disk->sync);
	write_ns(json, "sync_32_ns", disk->sync_32);
	json_close_object(json);
}

/* JSON numbers of this writer are integers: hundredths. */
static void write_range(struct json *json, const char *key, const struct range *range)
{
	if (range->low <= 0) {
		json_null(json, key);
		return;
	}
	json_object(json, key);
	json_number(json, "low_percent", (long long)(range->low * 100));
	json_number(json, "high_percent", (long long)(range->high * 100 + 0.99));
	json_close_object(json);
}

static void write_prediction(struct json *json, const struct advice *advice)
{
	const struct prediction *prediction = &advice->prediction;

	json_object(json, "speeds");
	for (enum way way = 0; way < WAYS; way++)
		write_range(json, way_names[way], &prediction->ways[way]);
	json_close_object(json);
	json_string(json, "advice",
		    prediction->best == WAY_RING ? "none" : way_names[prediction->best]);
	json_string(json, "reason", prediction->best == WAY_RING ? advice_obstacle(advice) : NULL);
	json_number(json, "in_flight", prediction->in_flight);
	json_bool(json, "needs_network", advice->calibration.disk.needs_network);
}

static void write_sites(struct json *json, const struct advice *advice)
{
	json_array(json, "sites");
	for (size_t i = 0; i < advice->site_count; i++) {
		const struct site *site = &advice->sites[i];

		json_object(json, NULL);
		json_string(json, "call", recording_call_name(site->call));
		json_string(json, "file", site->file);
		json_number(json, "offset", (long long)site->offset);
		json_string(json, "name", site->name);
		json_number(json, "count", (long long)site->count);
		write_ns(json, "total_ns", site->ns);
		json_close_object(json);
	}
	json_close_array(json);
}

void advice_write_json(FILE *to, const struct advice *advice)
{
	struct json json = { .to = to };

	json_object(&json, NULL);
	json_string(&json, "schema", "ringshim-advise");
	json_number(&json, "version", SCHEMA_VERSION);
	json_string(&json, "ringshim", PACKAGE_VERSION);
	json_string(&json, "command", advice->argv[0]);
	json_bool(&json, "cold", advice->cold);
	json_number(&json, "programs", (long long)advice->recording.processes);
	write_ns(&json, "wall_ns", advice->wall);
	write_ns(&json, "cpu_ns", advice->cpu);
	write_calls(&json, &advice->recording);
	write_longest(&json, advice);
	write_waits(&json, advice);
	write_machine(&json, &advice->calibration);
	write_prediction(&json, advice);
	write_sites(&json, advice);
	json_close_object(&json);
}

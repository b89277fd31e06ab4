/* SPDX-License-Identifier: MIT */
/* Says how fast CMD would be in other ways. */
#include "config.h"

#include "cli/advise/prediction.h"

#include <math.h>
#include <string.h>

/* What is noted of each call costs so much with --ahead, at most. */
static const double ahead_call_ns = 150;

enum { GROUP_AHEAD = 1 << WAIT_FILES | 1 << WAIT_SEQUENCE, GROUP_SYNC = 1 << WAIT_SYNCS };

/* How many waits the machine can have at a time: between which numbers. */
static struct range find_parallel(double alone, double together, struct range otherwise)
{
	double measured = together > 0 ? alone / together : 0;

	if (measured <= 0)
		return otherwise;
	return (struct range){ fmax(1, 0.5 * measured), fmax(1, 1.5 * measured) };
}

static struct range mix(struct range a, struct range b)
{
	return (struct range){ fmin(a.low, b.low), fmax(a.high, b.high) };
}

/*
 * The ways that take waits together. saved: ns of waits that could be; share: how much of them is
 * sure to be; cost: ns that it takes itself, at least and at most.
 */
static struct range overlap_waits(double wall, double saved, double share, struct range parallel,
				  struct range cost)
{
	double worst = wall - share * saved * (1 - 1 / parallel.low) + cost.high;
	double best = wall - saved * (1 - 1 / parallel.high) + cost.low;

	return (struct range){ wall / worst, wall / fmax(best, wall / 100) };
}

static unsigned long long count_ring_calls(const struct recording *recording)
{
	unsigned long long count = 0;

	for (size_t i = 0; i < CALL_COUNT; i++)
		if (families[call_names[i].family].on)
			count += recording->calls[i].count;
	return count;
}

/* Each call costs what the ring does, more if a worker has to run it. */
static struct range predict_ring(const struct recording *recording, const struct overlap *overlap,
				 const struct calibration *calibration, double wall)
{
	double calls = (double)count_ring_calls(recording);
	double more = calls * fmax(0, calibration->ring - calibration->native);
	double workers = 0;

	if (calibration->ring_error)
		return (struct range){ 0, 0 };
	for (size_t i = 0; i < recording->count; i++)
		if (overlap->kinds[i] != WAIT_PEERS)
			workers += fmax(0, calibration->worker);
	return (struct range){ wall / (wall + 2.5 * more + 2 * workers), wall / (wall + more / 2) };
}

/* Two runs of the same program differ by so much. */
static struct range widen(struct range range)
{
	return (struct range){ 0.95 * range.low, 1.05 * range.high };
}

static unsigned choose_in_flight(const struct calibration *calibration)
{
	const struct disk_times *disk = &calibration->disk;

	return disk->cold_32 > 0 && disk->cold_8 < 1.3 * disk->cold_32 ? 8 : IN_FLIGHT;
}

static void choose_best(struct prediction *prediction)
{
	enum { LEAST = 120 }; /* per cent of the native speed that are worth a word */

	prediction->best = WAY_RING;
	for (enum way way = WAY_AHEAD; way < WAYS; way++) {
		const struct range *range = &prediction->ways[way];
		const struct range *best = &prediction->ways[prediction->best];

		if (sqrt(range->low * range->high) * 100 < LEAST)
			continue;
		/* To leave the program as it is is the better advice, unless it is half as fast. */
		if (prediction->best == WAY_RING ||
		    range->low * range->high > 4 * best->low * best->high)
			prediction->best = way;
	}
}

void predict(struct prediction *prediction, const struct recording *recording,
	     const struct overlap *overlap, const struct calibration *calibration, double wall)
{
	const struct disk_times *disk = &calibration->disk;
	struct range reads = find_parallel(disk->cold, disk->cold_32, (struct range){ 2, 16 });
	struct range syncs = find_parallel(disk->sync, disk->sync_32, (struct range){ 2, 10 });
	double ahead = overlap_union(overlap, recording, GROUP_AHEAD);
	double synced = overlap_union(overlap, recording, GROUP_SYNC);
	double offsets = overlap_union(overlap, recording, 1 << WAIT_OFFSETS);
	double start = calibration->start, calls = (double)count_ring_calls(recording);
	struct range both = synced > 0 ? mix(reads, syncs) : reads;
	struct range cost = { start / 2, 2 * start + calls * ahead_call_ns }, none = { 0, 0 };

	memset(prediction, 0, sizeof(*prediction));
	prediction->ways[WAY_RING] = predict_ring(recording, overlap, calibration, wall);
	prediction->ways[WAY_AHEAD] = overlap_waits(wall, ahead, 0.5, reads, cost);
	prediction->ways[WAY_SYNC] = overlap_waits(wall, synced, 0.5, syncs, cost);
	prediction->ways[WAY_REWRITTEN] = overlap_waits(wall, ahead + offsets + synced, 0.7, both,
							none);
	for (enum way way = 0; way < WAYS; way++)
		prediction->ways[way] = widen(prediction->ways[way]);
	prediction->in_flight = choose_in_flight(calibration);
	choose_best(prediction);
}

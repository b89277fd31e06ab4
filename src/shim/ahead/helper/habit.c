/* SPDX-License-Identifier: MIT */
/* Learns the program's habit from what it does. */
#include <dirent.h>
#include "shim/ahead/helper/habit.h"
#include "shim/ahead/helper/listings.h"

/*
 * A program reads the files if it opens at least one for so many calls for attributes, or some one
 * after the other. Some ask for all attributes in a directory first, and read the files later. What
 * was long ago counts less.
 */
enum { OPENS_SHARE = 8, OPENS_IN_TURN = 4, EVENTS_MAX = 256 };

bool habit_wants(const struct walk *walk, const struct entry *entry)
{
	if (entry->type == DT_UNKNOWN)
		return walk->arguments != LISTING_NONE;
	if (entry->type == DT_DIR)
		return walk->habit.descends;
	return walk->habit.reads ? entry->type == DT_REG : true;
}

/* Returns by how many wanted entries the program went on from one entry to the other. */
static uint32_t distance(const struct walk *walk, const struct listing *listing, enum order order,
			 uint32_t from, uint32_t to)
{
	const uint32_t *rank = listing->rank[order];
	uint32_t steps = 0;

	if (rank[from] >= rank[to])
		return UINT32_MAX;
	for (uint32_t i = rank[from] + 1; i <= rank[to] && steps <= SKIP_MAX; i++)
		if (i == rank[to] ||
		    habit_wants(walk, &listing->entries[listing->sorted[order][i]]))
			steps++;
	return steps;
}

void habit_choose_order(struct walk *walk)
{
	struct habit *habit = &walk->habit;
	enum order best = habit->order;

	for (enum order order = 0; order < ORDERS; order++)
		if (habit->scores[order] > habit->scores[best])
			best = order;
	if (best != habit->order) {
		/* Sweeping and fetching were counted in the other order. */
		for (size_t i = 0; i < LISTINGS; i++)
			walk->listings[i].swept = walk->listings[i].frontier = 0;
		walk->frame_count = 0;
	}
	habit->order = best;
	habit->is_known = habit->scores[best] >= SCORE_KNOWN;
}

void habit_learn_order(struct walk *walk, struct listing *listing, uint32_t entry)
{
	struct habit *habit = &walk->habit;

	for (enum order order = 0; order < ORDERS; order++) {
		uint32_t steps = distance(walk, listing, order, listing->last, entry);
		int *score = &habit->scores[order];

		if (steps == 1)
			*score += 2;
		else if (steps <= SKIP_MAX)
			*score += 1;
		else
			*score -= 4;
		*score = *score < 0 ? 0 : *score > SCORE_MAX ? SCORE_MAX : *score;
	}
	habit_choose_order(walk);
}

/* The program goes through files again that it has only looked at, and reads them. */
static void begin_again(struct walk *walk)
{
	for (size_t i = 0; i < LISTINGS; i++) {
		struct listing *listing = &walk->listings[i];

		for (uint32_t entry = 0; entry < listing->count; entry++) {
			if (listing->entries[entry].state == ENTRY_FETCHED)
				listing_settle_entry(walk, &listing->entries[entry], false);
			if (listing->entries[entry].state == ENTRY_DONE)
				listing->entries[entry].state = ENTRY_NEW;
		}
		listing->swept = 0;
	}
}

static bool is_reader(const struct habit *habit)
{
	return habit->opens_in_turn >= OPENS_IN_TURN ||
		(habit->opens * OPENS_SHARE >= habit->stats && habit->opens);
}

void habit_learn_use(struct walk *walk, enum event_kind kind, const struct entry *entry)
{
	struct habit *habit = &walk->habit;
	struct habit before = *habit;

	if (kind == EVENT_OPEN && entry->type == DT_DIR)
		habit->descends = true;
	if (entry->type != DT_DIR) {
		habit->opens += kind == EVENT_OPEN;
		habit->stats += kind == EVENT_STAT;
		habit->opens_in_turn = kind == EVENT_OPEN ? habit->opens_in_turn + 1 : 0;
		habit->reads = is_reader(habit);
	}
	if (habit->opens + habit->stats >= EVENTS_MAX) {
		habit->opens /= 2;
		habit->stats /= 2;
	}
	if (habit->reads && !before.reads)
		begin_again(walk);
	if (habit->descends == before.descends && habit->reads == before.reads)
		return;
	/* Entries that were passed over can be wanted now. */
	for (size_t i = 0; i < LISTINGS; i++)
		walk->listings[i].frontier = walk->listings[i].swept;
}

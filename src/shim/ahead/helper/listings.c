/* SPDX-License-Identifier: MIT */
/* Keeps the listings, and counts what is fetched and not asked for. */
#include <dirent.h>
#include <string.h>
#include "shim/ahead/files/memory.h"
#include "shim/ahead/helper/listings.h"

/* After so many events without one in a directory the program has left it. */
enum { LEFT_AFTER = 256 };

bool is_listing_inside(struct walk *walk, const struct listing *inside, const struct listing *above)
{
	while (inside && inside != above)
		inside = listing_at(walk, inside->parent);
	return inside != NULL;
}

void listing_settle_entry(struct walk *walk, struct entry *entry, bool is_unused)
{
	if (entry->state == ENTRY_FETCHED || entry->state == ENTRY_IN_FLIGHT)
		walk->outstanding--;
	if (entry->state == ENTRY_FETCHED) {
		walk->pages -= entry->pages;
		if (is_unused) {
			walk->unused++;
			walk_count(walk, AHEAD_UNUSED);
		}
	}
	if (entry->state == ENTRY_IN_FLIGHT)
		entry->state = ENTRY_LATE;
	else if (entry->state != ENTRY_LATE)
		entry->state = ENTRY_DONE;
	entry->pages = 0;
}

void listing_sweep(struct walk *walk, struct listing *listing, uint32_t rank)
{
	const uint32_t *sorted = listing->sorted[walk->habit.order];

	for (; listing->swept < rank; listing->swept++) {
		struct entry *entry = &listing->entries[sorted[listing->swept]];

		/* A directory that is listed is asked for by its own entries. */
		if (entry->state == ENTRY_FETCHED || entry->state == ENTRY_IN_FLIGHT)
			listing_settle_entry(walk, entry, entry->type != DT_DIR);
	}
}

/* Nothing more is to be fetched in that directory. */
static void remove_frame(struct walk *walk, uint32_t index)
{
	for (unsigned i = walk->frame_count; i--;) {
		if (walk->frames[i] != index)
			continue;
		walk->frame_count--;
		memmove(&walk->frames[i], &walk->frames[i + 1],
			(walk->frame_count - i) * sizeof(walk->frames[0]));
	}
}

static void listings_free(struct walk *walk, struct listing *listing)
{
	uint32_t index = listing_index(walk, listing);

	listing_sweep(walk, listing, listing->count);
	if (walk->arguments == index)
		walk->arguments = LISTING_NONE;
	remove_frame(walk, index);
	for (size_t i = 0; i < LISTINGS; i++)
		if (walk->listings[i].parent == index)
			walk->listings[i].parent = LISTING_NONE;
	listing_free(listing);
}

void listings_free_left(struct walk *walk, const struct listing *current)
{
	/* Files that were fetched there in vain must not keep the window full. */
	uint32_t patience = walk->outstanding < walk->window ? LEFT_AFTER : LEFT_AFTER / 16;

	for (size_t i = 0; i < LISTINGS; i++) {
		struct listing *listing = &walk->listings[i];

		/* What it has only looked at it can still come to. */
		if (walk->habit.reads && !listing->is_opened)
			continue;
		if (listing->in_use && !listing->pending && listing->last_event &&
		    walk->events - listing->last_event > patience &&
		    !is_listing_inside(walk, current, listing))
			listings_free(walk, listing);
	}
}

/* If none is free, the one that was used least recently is freed. */
struct listing *listings_find_room(struct walk *walk, const struct listing *keep)
{
	struct listing *oldest = NULL;

	for (size_t i = 0; i < LISTINGS; i++) {
		struct listing *listing = &walk->listings[i];

		if (!listing->in_use)
			return listing;
		if (!listing->pending && listing->last_event &&
		    !is_listing_inside(walk, keep, listing) &&
		    (!oldest ||
		     walk->events - listing->last_event > walk->events - oldest->last_event))
			oldest = listing;
	}
	if (oldest)
		listings_free(walk, oldest);
	return oldest;
}

void listings_give_up(struct walk *walk)
{
	for (size_t i = 0; i < LISTINGS; i++) {
		struct listing *listing = &walk->listings[i];

		for (uint32_t entry = 0; entry < listing->count; entry++)
			if (listing->entries[entry].state == ENTRY_FETCHED)
				listing_settle_entry(walk, &listing->entries[entry], true);
	}
}

void listings_forget(struct walk *walk)
{
	for (size_t i = 0; i < LISTINGS; i++)
		if (walk->listings[i].in_use)
			listings_free(walk, &walk->listings[i]);
	walk->arguments = LISTING_NONE;
	walk->frame_count = 0;
	walk->outstanding = walk->pages = walk->directories = 0;
	walk->window = WINDOW_MIN;
	walk->pages_max = memory_limit();
}

struct listing *listings_find_inode(struct walk *walk, uint64_t dev, uint64_t ino)
{
	for (size_t i = 0; i < LISTINGS; i++)
		if (walk->listings[i].in_use && walk->listings[i].dev == dev &&
		    walk->listings[i].ino == ino)
			return &walk->listings[i];
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/* Fetches on, as far as the window allows, and counts what became of each fetch. */
#include <dirent.h>
#include "shim/ahead/files/file-systems.h"
#include "shim/ahead/helper/walk.h"
#include "shim/ahead/helper/frontier.h"
#include "shim/ahead/helper/habit.h"
#include "shim/ahead/helper/listings.h"
#include "shim/ahead/start/start-fetch.h"
#include "shim/ahead/sync/sync-early.h"
#include "shim/config/settings.h"

/* So many directories are looked up ahead. */
enum { DIRECTORIES_MAX = 32, IN_VAIN_MAX = 255 };

/* Adds a fetch of an entry. Returns false if it cannot be fetched. */
static bool add_fetch_by(struct walk *walk, struct listing *listing, uint32_t index,
			 enum fetch_kind kind, bool reads)
{
	const struct fetch_order order = {
		.kind = kind,
		.dir = listing->fd,
		.name = entry_name(listing, index),
		.reads = reads,
		.noatime = reads && listing->needs_flag,
		.follows = listing->is_arguments,
		.listing = listing_index(walk, listing),
		.entry = index,
	};

	if (kind == FETCH_CONTENTS && is_leased(&walk->leases, listing->entries[index].ino))
		return false;
	if (!fetcher_add(walk->fetcher, &order))
		return false;
	listing->pending++;
	return true;
}

static bool add_fetch(struct walk *walk, struct listing *listing, uint32_t index,
		      enum fetch_kind kind)
{
	return add_fetch_by(walk, listing, index, kind, listing->has_noatime);
}

/*
 * Fetches once more a file that could not be opened with O_NOATIME, perhaps because it is another
 * user's. Returns true if it is on its way.
 */
static bool fetch_by_advice(struct walk *walk, struct listing *listing,
			    const struct fetched *fetched)
{
	return fetched->failed && fetched->kind == FETCH_CONTENTS && fetched->reads &&
		listing->needs_flag &&
		add_fetch_by(walk, listing, fetched->entry, FETCH_CONTENTS, false);
}

/* The type of an argument is known now. Returns true if its contents are on their way. */
static bool fetch_argument(struct walk *walk, struct listing *listing, uint32_t index,
			   const struct fetched *fetched)
{
	struct entry *entry = &listing->entries[index];

	entry->ino = fetched->ino;
	entry->type = fetched->failed ? DT_UNKNOWN : (uint8_t)(fetched->mode >> 12);
	return entry->type == DT_REG && walk->habit.reads &&
		is_fetchable_path(listing->fd, entry_name(listing, index),
				  walk->kinds & AHEAD_NETWORK) &&
		add_fetch(walk, listing, index, FETCH_CONTENTS);
}

void walk_note_fetched(void *arg, struct fetched fetched)
{
	struct walk *walk = arg;
	struct listing *listing = &walk->listings[fetched.listing];
	struct entry *entry;

	if (fetched.kind == FETCH_SYNC) {
		sync_note_done(walk, &fetched);
		return;
	}
	if (fetched.listing == LISTING_START || fetched.listing == LISTING_MOVED) {
		start_note_fetched(walk, &fetched);
		return;
	}
	entry = &listing->entries[fetched.entry];
	listing->pending--;
	if (fetched.kind == FETCH_DIRECTORY)
		walk->directories--;
	if (fetched.kind == FETCH_TYPE && entry->state == ENTRY_IN_FLIGHT &&
	    fetch_argument(walk, listing, fetched.entry, &fetched))
		return;
	if (entry->state == ENTRY_IN_FLIGHT && fetch_by_advice(walk, listing, &fetched))
		return;
	walk->cached = walk->cached << 1 | fetched.was_cached;
	walk->fetches++;
	if (!fetched.failed)
		walk_count(walk, fetched.was_cached ? AHEAD_CACHED : AHEAD_FETCHED);
	if (entry->state == ENTRY_LATE)
		entry->state = ENTRY_DONE;
	if (entry->state != ENTRY_IN_FLIGHT)
		return;
	entry->state = ENTRY_FETCHED;
	entry->pages = fetched.pages;
	walk->pages += fetched.pages;
	if (fetched.kind == FETCH_DIRECTORY && !fetched.failed)
		frontier_list(walk, listing, fetched.entry);
	/* The program does not ask for a directory in a way that we always see. */
	if (fetched.kind == FETCH_DIRECTORY)
		listing_settle_entry(walk, entry, false);
}

/* Returns true if the next entry of a frame is to be fetched, and moves on. */
static bool take_next(struct walk *walk, struct listing *listing, uint32_t *index)
{
	const uint32_t *sorted = listing->sorted[walk->habit.order];

	while (listing->frontier < listing->count) {
		const struct entry *entry = &listing->entries[sorted[listing->frontier]];

		if (entry->state == ENTRY_NEW && habit_wants(walk, entry)) {
			if (entry->type == DT_DIR && walk->directories >= DIRECTORIES_MAX)
				return false;
			*index = sorted[listing->frontier++];
			return true;
		}
		listing->frontier++;
	}
	return false;
}

static enum fetch_kind fetch_kind_of(const struct walk *walk, const struct entry *entry)
{
	if (entry->type == DT_DIR)
		return FETCH_DIRECTORY;
	if (entry->type == DT_UNKNOWN)
		return FETCH_TYPE;
	return walk->habit.reads ? FETCH_CONTENTS : FETCH_ATTRIBUTES;
}

/*
 * Goes into the next entry of a frame if it is a directory that the program has listed before it came
 * by, so that there is nothing to look up. Returns true if it does.
 */
static bool enter_listed(struct walk *walk, struct listing *parent)
{
	const struct listing *listing;
	const struct entry *entry;
	uint32_t index;

	if (!walk->habit.descends || parent->frontier >= parent->count)
		return false;
	index = parent->sorted[walk->habit.order][parent->frontier];
	entry = &parent->entries[index];
	if (entry->type != DT_DIR || entry->state != ENTRY_DONE)
		return false;
	listing = listings_find_inode(walk, parent->dev, entry->ino);
	if (!listing || listing->is_opened)
		return false;
	parent->frontier++;
	frontier_list(walk, parent, index);
	return true;
}

/* Adds the next fetch, or a directory to fetch in. Returns false if there is none. */
static bool fetch_next(struct walk *walk)
{
	for (unsigned i = 0; i < walk->frame_count; i++) {
		struct listing *listing = &walk->listings[walk->frames[i]];
		struct entry *entry;
		uint32_t index;

		if (!listing->is_followed)
			continue;
		if (enter_listed(walk, listing))
			return true;
		if (!take_next(walk, listing, &index))
			continue;
		entry = &listing->entries[index];
		if (!add_fetch(walk, listing, index, fetch_kind_of(walk, entry))) {
			entry->state = ENTRY_DONE;
			return true;
		}
		entry->state = ENTRY_IN_FLIGHT;
		walk->outstanding++;
		if (entry->type == DT_DIR)
			walk->directories++;
		return true;
	}
	return false;
}

/* Returns true if nearly all that was fetched lately had been in the cache before. */
static bool is_all_cached(const struct walk *walk)
{
	if (walk->fetches < 8)
		return false;
	return __builtin_popcount(walk->cached & 0xff) >= 8 &&
		(walk->fetches < 32 || __builtin_popcount(walk->cached) >= 30);
}

/* Stops until the program waits again; the longer, the more often that was in vain. */
static void pause_walk(struct walk *walk)
{
	walk->in_vain = walk->in_vain < IN_VAIN_MAX ? 2 * walk->in_vain + 1 : IN_VAIN_MAX;
	/* A habit that has predicted wrongly is forgotten. */
	if (walk->unused > walk->hits)
		walk->habit = (struct habit){ .reads = walk->habit.reads };
	walk->frame_count = 0;
	walk->fetches = walk->hits = walk->unused = 0;
	walk->cached = 0;
	walk->window = WINDOW_MIN;
	atomic_store(&walk->ahead->ignored, (int)walk->in_vain);
	atomic_store(&walk->ahead->active, false);
}

void walk_fetch_more(struct walk *walk)
{
	if (is_all_cached(walk) || walk->unused > walk->hits + 32)
		pause_walk(walk);
	else if (walk->hits >= 32 && !walk->cached)
		walk->in_vain = 0;
	if (walk->habit.is_known && walk->habit.reads && walk->frame_count)
		leases_update(&walk->leases);
	while (walk->habit.is_known && fetcher_has_room(walk->fetcher) &&
	       walk->outstanding < walk->window && walk->pages < walk->pages_max &&
	       fetch_next(walk))
		;
}

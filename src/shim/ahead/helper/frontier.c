/* SPDX-License-Identifier: MIT */
/* Keeps the frames in the program's order. */
#include <string.h>
#include "shim/ahead/files/resolve.h"
#include "shim/ahead/helper/frontier.h"
#include "shim/ahead/helper/listings.h"
#include "shim/config/settings.h"

/*
 * Returns true if the frame of other comes after the one of listing, which is a directory in
 * parent: other is parent itself, or inside of a later entry of it.
 */
static bool comes_after(struct walk *walk, const struct listing *other,
			const struct listing *parent, uint32_t entry)
{
	const uint32_t *rank = parent->rank[walk->habit.order];

	for (; other && other != parent; other = listing_at(walk, other->parent))
		if (listing_at(walk, other->parent) == parent)
			return rank[other->parent_entry] > rank[entry];
	return other == parent;
}

static void frontier_insert(struct walk *walk, struct listing *listing)
{
	struct listing *parent = listing_at(walk, listing->parent);
	unsigned at = 0;

	if (walk->frame_count == LISTINGS)
		return;
	/* A directory above all others comes last. */
	while (at < walk->frame_count &&
	       !(parent &&
		 comes_after(walk, &walk->listings[walk->frames[at]], parent,
			     listing->parent_entry)))
		at++;
	memmove(&walk->frames[at + 1], &walk->frames[at],
		(walk->frame_count - at) * sizeof(walk->frames[0]));
	walk->frames[at] = listing_index(walk, listing);
	walk->frame_count++;
}

static bool frontier_has(const struct walk *walk, const struct listing *listing)
{
	for (unsigned i = 0; i < walk->frame_count; i++)
		if (walk->frames[i] == listing_index(walk, listing))
			return true;
	return false;
}

/* Returns true if the program comes by frame after entry of listing. */
static bool is_to_come(struct walk *walk, const struct listing *frame,
		       const struct listing *listing, uint32_t entry)
{
	for (; listing; entry = listing->parent_entry, listing = listing_at(walk, listing->parent))
		if (comes_after(walk, frame, listing, entry))
			return true;
	return false;
}

/* Removes the frames that the program has passed, and gives up what was fetched there. */
static void drop_passed(struct walk *walk, const struct listing *listing, uint32_t entry)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < walk->frame_count; i++) {
		struct listing *frame = &walk->listings[walk->frames[i]];

		if (is_to_come(walk, frame, listing, entry))
			walk->frames[kept++] = walk->frames[i];
		else
			listing_sweep(walk, frame, frame->count);
	}
	walk->frame_count = kept;
}

/*
 * Finds the listing that has this one as an entry: the program can have listed it before it was known
 * that it goes through the directory above.
 */
static void find_parent(struct walk *walk, struct listing *listing)
{
	if (listing->parent != LISTING_NONE || listing->is_arguments)
		return;
	for (uint32_t i = 0; i < LISTINGS; i++) {
		struct listing *parent = &walk->listings[i];
		uint32_t entry;

		if (!parent->in_use || parent->is_arguments || parent->dev != listing->dev ||
		    is_listing_inside(walk, parent, listing))
			continue;
		entry = listing_find_directory(parent, listing->ino);
		if (entry == ENTRY_NONE)
			continue;
		listing->parent = i;
		listing->parent_entry = entry;
		return;
	}
}

void frontier_start(struct walk *walk, struct listing *listing, uint32_t entry)
{
	find_parent(walk, listing);
	drop_passed(walk, listing, entry);
	for (; listing;
	     entry = listing->parent_entry, listing = listing_at(walk, listing->parent)) {
		uint32_t rank = listing->rank[walk->habit.order][entry] + 1;

		if (!frontier_has(walk, listing)) {
			listing->frontier = rank;
			frontier_insert(walk, listing);
		} else if (listing->frontier < rank) {
			listing->frontier = rank;
		}
	}
}

/* The directory was listed before: it gets its place among the frames. */
static void add_listed(struct walk *walk, struct listing *listing, struct listing *parent,
		       uint32_t entry)
{
	if (listing->parent == LISTING_NONE && !is_listing_inside(walk, parent, listing)) {
		listing->parent = listing_index(walk, parent);
		listing->parent_entry = entry;
	}
	listing->is_followed |= parent->is_followed;
	if (!frontier_has(walk, listing))
		frontier_insert(walk, listing);
}

void frontier_list(struct walk *walk, struct listing *parent, uint32_t entry)
{
	struct listing *listing = listings_find_inode(walk, parent->dev,
						      parent->entries[entry].ino);
	int fd;

	if (listing) {
		add_listed(walk, listing, parent, entry);
		return;
	}
	listing = listings_find_room(walk, parent);
	if (!listing || walk->frame_count == LISTINGS)
		return;
	fd = resolve_listed(parent->fd, entry_name(parent, entry));
	if (fd < 0 || !listing_read(listing, fd))
		return;
	listing->is_followed = parent->is_followed;
	listing->parent = listing_index(walk, parent);
	listing->parent_entry = entry;
	frontier_insert(walk, listing);
}

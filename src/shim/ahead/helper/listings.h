/* SPDX-License-Identifier: MIT */
/* The directories that the helper knows at present, and the state of their entries. */
#ifndef SHIM_AHEAD_HELPER_LISTINGS_H
#define SHIM_AHEAD_HELPER_LISTINGS_H

#include "shim/ahead/helper/state.h"

/*
 * The program has asked for an entry or gone past it: it is no longer outstanding. is_unused: it
 * was not asked for.
 */
void listing_settle_entry(struct walk *walk, struct entry *entry, bool is_unused);

/* Gives up the entries before rank that were fetched and not asked for. */
void listing_sweep(struct walk *walk, struct listing *listing, uint32_t rank);

/* Returns true if inside is above, or is below it. */
bool is_listing_inside(struct walk *walk, const struct listing *inside,
		       const struct listing *above);

struct listing *listings_find_inode(struct walk *walk, uint64_t dev, uint64_t ino);

/* Returns a listing that can be filled, and is not above keep; or NULL. */
struct listing *listings_find_room(struct walk *walk, const struct listing *keep);

/* Forgets the directories that the program has left. */
void listings_free_left(struct walk *walk, const struct listing *current);

/* Gives up all that was fetched and not asked for. */
void listings_give_up(struct walk *walk);

/* Closes and forgets all directories. Nothing may be on its way. The habit is kept. */
void listings_forget(struct walk *walk);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Follows the program through directories, and decides what to fetch next. The habit of the program
 * is learnt once and holds for all directories until it proves wrong.
 */
#ifndef SHIM_AHEAD_HELPER_WALK_H
#define SHIM_AHEAD_HELPER_WALK_H

#include "shim/ahead/helper/state.h"

void walk_start(struct walk *walk, struct ahead *ahead, struct fetcher *fetcher);

/* Learns from what the program did. */
void walk_note(struct walk *walk, const struct event *event, char *path);

/* A fetch ended. walk is the struct walk. */
void walk_note_fetched(void *walk, struct fetched fetched);

/* Adds fetches, as far as the window allows. */
void walk_fetch_more(struct walk *walk);

#endif

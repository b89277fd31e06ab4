/* SPDX-License-Identifier: MIT */
/*
 * Fetches what the same program needed when it was last started, and stores what it needs this
 * time: files that it maps, among them its shared libraries, and files that it opens.
 */
#ifndef SHIM_AHEAD_START_FETCH_H
#define SHIM_AHEAD_START_FETCH_H

#include "shim/ahead/helper/state.h"

/* Loads the list, once in the life of the program. */
void start_load(struct walk *walk);

/* Stores the list, if the program has opened something since it was last stored. */
void start_store(const struct walk *walk);

/* Adds fetches from the list. */
void start_fetch_more(struct walk *walk);

/* Notes the end of a fetch from the list. */
void start_note_fetched(struct walk *walk, const struct fetched *fetched);

/* Returns true if the list has the file that an event is about, and counts that. */
bool start_note(struct walk *walk, const struct event *event, const char *path);

/* Lets go of the directory that the names are relative to. Nothing more is fetched. */
void start_let_go(struct walk *walk);

/* Forgets the list, and counts what the program did not ask for. */
void start_end(struct walk *walk);

#endif

/* SPDX-License-Identifier: MIT */
/* Syncs files early, in the helper. */
#ifndef SHIM_AHEAD_SYNC_EARLY_H
#define SHIM_AHEAD_SYNC_EARLY_H

#include "shim/ahead/helper/state.h"

/* Adds syncs of the files that the program will sync next. */
void sync_more(struct walk *walk);

/* Notes the end of such a sync. */
void sync_note_done(struct walk *walk, const struct fetched *fetched);

#endif

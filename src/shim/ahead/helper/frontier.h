/* SPDX-License-Identifier: MIT */
/*
 * The frontier: the directories that have more to fetch (frames), in the order in which the
 * program will come by.
 */
#ifndef SHIM_AHEAD_HELPER_FRONTIER_H
#define SHIM_AHEAD_HELPER_FRONTIER_H

#include "shim/ahead/helper/state.h"

/* Goes on fetching behind entry, and after that in the directories above. */
void frontier_start(struct walk *walk, struct listing *listing, uint32_t entry);

/* Reads the directory that is an entry of parent, and goes on fetching there. */
void frontier_list(struct walk *walk, struct listing *parent, uint32_t entry);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The habit of the program: in which order it goes through a directory, and what it does with an
 * entry. Each order is scored by how well it has predicted the last files.
 */
#ifndef SHIM_AHEAD_HELPER_HABIT_H
#define SHIM_AHEAD_HELPER_HABIT_H

#include "shim/ahead/helper/state.h"

enum { SCORE_KNOWN = 2, SCORE_MAX = 8 };

/* Returns true if the program would take an entry like this one. */
bool habit_wants(const struct walk *walk, const struct entry *entry);

/* The program has come to entry, after listing->last. */
void habit_learn_order(struct walk *walk, struct listing *listing, uint32_t entry);

/* The program has done this with an entry. */
void habit_learn_use(struct walk *walk, enum event_kind kind, const struct entry *entry);

/* Chooses the order that predicts best, and stays with the present one among equals. */
void habit_choose_order(struct walk *walk);

#endif

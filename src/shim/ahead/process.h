/* SPDX-License-Identifier: MIT */
/*
 * The helper process: a child that shares the program's memory and nothing else. It has its own
 * descriptors, its own ring and kernel workers, and its own session. It blocks all signals but the
 * one that tells it that its parent has ended. It sends no signal when it ends, so that only a wait
 * with __WCLONE or __WALL can see it.
 */
#ifndef SHIM_AHEAD_PROCESS_H
#define SHIM_AHEAD_PROCESS_H

#include "shim/ahead/events.h"

/* Maps the memory that the program and the helper share. Returns NULL on failure. */
struct ahead *helper_memory(void);

/* Starts the helper. Returns false if there can be none. */
bool helper_start(struct ahead *ahead);

/* Wakes the helper, which sleeps. */
void helper_wake(struct ahead *ahead);

/* Ends the helper and waits, for a second at most, until it holds no file any more. */
void helper_end(struct ahead *ahead);

#endif

/* SPDX-License-Identifier: MIT */
/* Tells the helper of a call that the program has made, and starts it if the call was slow. */
#ifndef SHIM_AHEAD_TELL_H
#define SHIM_AHEAD_TELL_H

#include "shim/ahead/events.h"

/* What the program and its helper share; NULL: the program does not run ahead. */
extern struct ahead *ahead HIDDEN EARLY;

/* Calls that were noticed so far; an estimate when several threads make them. */
extern unsigned tell_calls HIDDEN;

void tell_start(void);

/*
 * path is what the call named, relative to dir. is_slow: the call took longer than a cached file
 * would have needed. Nothing is told while the helper is not active, unless this makes it so.
 */
void tell_helper(enum event_kind kind, int dir, const char *path, bool is_slow);

#endif

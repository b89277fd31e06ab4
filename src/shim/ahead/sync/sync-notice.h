/* SPDX-License-Identifier: MIT */
/* Notices syncs, and what has to do with them (RINGSHIM_AHEAD=sync). */
#ifndef SHIM_AHEAD_SYNC_NOTICE_H
#define SHIM_AHEAD_SYNC_NOTICE_H

#include "shim/ahead/events.h"

/* Puts its functions into next_table, unless there is no memory. */
void sync_notices_put(struct ahead *ahead);

#endif

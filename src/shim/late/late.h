/* SPDX-License-Identifier: MIT */
/*
 * Syncing late (RINGSHIM_RISK_SYNC_AT_EXIT): a sync only notes that the file is to be on the disk.
 * It is there before anything outside can learn that the program went on: before it ends, executes
 * another program, makes a process, or writes to a socket, pipe or terminal. This header is what
 * the other layers need.
 *
 * The functions of stand-ins.c take the place of libc's in next_table when the setting is on, so
 * that nothing is in the way of a call when it is off.
 */
#ifndef SHIM_LATE_LATE_H
#define SHIM_LATE_LATE_H

#include "shim/base/base.h"
#include "shim/config/settings.h"

/* What makes the library sync what was noted. */
enum late_cause {
	LATE_EXIT,
	LATE_EXEC,
	LATE_FORK,
	LATE_OUTPUT,
	LATE_CREDENTIALS, /* or a filter: syncing could be forbidden afterwards */
	LATE_UNMOUNT,
	LATE_CLOSE, /* of the library's own descriptor */
	LATE_CAUSES,
};

/* These do the work of the functions below. */
void late_begin(void);
void late_sync(enum late_cause cause);
void late_end(enum late_cause cause);

/* Syncs what was noted if the program is about to write to fd, and others can see that. */
void late_sync_before_output(int fd);

static inline void late_start(void)
{
	if (unlikely(settings.risk_sync_at_exit))
		late_begin();
}

/*
 * Brings everything that was noted to the disk, and returns then. If that fails, it ends the
 * program: it was told that its data is on the disk.
 */
static inline void late_sync_before(enum late_cause cause)
{
	if (unlikely(settings.risk_sync_at_exit))
		late_sync(cause);
}

/* The same, and from now on every sync is native. */
static inline void late_end_before(enum late_cause cause)
{
	if (unlikely(settings.risk_sync_at_exit))
		late_end(cause);
}

#endif

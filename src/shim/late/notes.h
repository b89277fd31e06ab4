/* SPDX-License-Identifier: MIT */
/* Notes syncs. */
#ifndef SHIM_LATE_NOTES_H
#define SHIM_LATE_NOTES_H

#include "shim/base/base.h"

/* From now on syncs can be noted. */
void notes_begin(void);

/* Returns true if a sync may be noted. After a filter, for example, all syncs are native. */
bool can_note_sync(void);

/*
 * Notes that the file fd is to be on the disk. Returns 1 if it will be, 0 if the native call is to
 * be made instead, or the negative errno of an error that the native call would report.
 */
int note_sync(int fd);

#endif

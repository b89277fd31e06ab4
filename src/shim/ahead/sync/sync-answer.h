/* SPDX-License-Identifier: MIT */
/* Answers fsync() and fdatasync() of files that the helper has synced early. */
#ifndef SHIM_AHEAD_SYNC_ANSWER_H
#define SHIM_AHEAD_SYNC_ANSWER_H

#include "shim/ahead/events.h"

/*
 * Returns true if it is proved that the native call on fd would have nothing to write and no error
 * to report. Else the native call is to be made. Has the next files synced early if this one shows
 * that the program goes through them.
 */
bool sync_is_proved(struct ahead *ahead, int fd);

/*
 * Takes the result of a native sync. If an early sync of the same file failed, and that was not
 * reported yet, a success becomes that error, in errno. Returns the result.
 */
int sync_add_error(struct ahead *ahead, int fd, int ret);

#endif

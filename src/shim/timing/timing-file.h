/* SPDX-License-Identifier: MIT */
#ifndef SHIM_TIMING_TIMING_FILE_H
#define SHIM_TIMING_TIMING_FILE_H

#include "shim/timing/timing-record.h"

/*
 * Makes a file for this process, named after the setting and the process ID, and maps its record.
 * Returns NULL if that cannot be done. A forked child calls it again.
 */
struct timing_record *timing_file_map(const char *name);

/* Appends the waits of the window. Returns false if the file cannot be written. */
bool timing_file_append(struct timing_record *record);

#endif

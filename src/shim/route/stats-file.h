/* SPDX-License-Identifier: MIT */
/*
 * The file that a process's record is mapped from, so that others can read the counts while it runs
 * and after a signal has killed it. It lies in memory (tmpfs), in a directory that only this user
 * can write: $XDG_RUNTIME_DIR/ringshim, else /dev/shm/ringshim-UID.
 *
 * Whose record it is, and where the report goes, lies in a second file, which is not mapped: its name
 * is that of the record after a dot. A process that is in foreign hands by then, and has fewer rights
 * than the one who reads the record, can write to the mapping, but not to that file.
 */
#ifndef SHIM_ROUTE_STATS_FILE_H
#define SHIM_ROUTE_STATS_FILE_H

#include "shim/route/stats-record.h"

/* Call once, at the start. Remembers XDG_RUNTIME_DIR, which the program may change. */
void stats_file_start(char **environment);

/*
 * Makes a file with the content of record, and maps it in record's place, as much as its owner says.
 * with_counts: copy all of it; otherwise the caller knows that only the owner, and stripe, are not
 * empty. Returns false, and changes nothing, if there is no such directory, or too little memory or
 * room.
 */
bool stats_file_map(struct stats_record *record, bool with_counts, size_t stripe);

/* Removes the file. The mapping stays. */
void stats_file_remove(void);

/* Call in a forked child: the file is its parent's. */
void stats_file_forget(void);

#endif

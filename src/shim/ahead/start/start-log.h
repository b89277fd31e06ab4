/* SPDX-License-Identifier: MIT */
/*
 * What the program opens when it starts. The helper stores it, and fetches it when the same program
 * starts again (start-fetch.h).
 */
#ifndef SHIM_AHEAD_START_LOG_H
#define SHIM_AHEAD_START_LOG_H

#include "shim/ahead/events.h"

enum { START_LOG_SIZE = 64 * 1024, START_NAMES_MAX = 1024 };

/* On a mapping of its own, which fork wipes: a child finds it closed. */
struct start_log {
	_Atomic bool is_open; /* names are added */
	atomic_flag writing;
	unsigned slow;	       /* calls that had to wait */
	unsigned count;	       /* of the names */
	bool is_loaded;	       /* the list of the last start was looked for */
	uint32_t stored;       /* so many bytes of names are stored */
	_Atomic uint32_t used; /* bytes of names, each with a zero byte at its end */
	char directory[1024];  /* the program's working directory when it started */
	char names[START_LOG_SIZE];
};

extern struct start_log *start_log HIDDEN EARLY;

/* Where the lists are kept: $XDG_CACHE_HOME/ringshim, or "" if there is no such place. */
extern char start_directory[512] HIDDEN;

/* Begins the log. Returns true if files had to be read from a disk already. */
bool start_log_begin(void);

/* Adds the name of a file that was opened relative to dir. */
void start_log_add(int dir, const char *path);

/* Returns true if the program is still starting, and this slow call shows that its disk is slow. */
bool start_log_is_slow(void);

static inline bool start_log_is_open(void)
{
	return start_log && atomic_load_explicit(&start_log->is_open, memory_order_relaxed);
}

#endif

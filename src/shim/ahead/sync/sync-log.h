/* SPDX-License-Identifier: MIT */
/*
 * The files that the program has opened to be written, or announced, in their order, and how the
 * early sync of each went. The helper reads it and writes the results.
 */
#ifndef SHIM_AHEAD_SYNC_LOG_H
#define SHIM_AHEAD_SYNC_LOG_H

#include "shim/ahead/events.h"
#include "shim/ahead/files/fetch.h"
#include "shim/ahead/sync/stamp.h"

enum {
	SYNC_FILES = 32768,
	SYNC_NAMES_SIZE = 4 * 1024 * 1024,
	SYNC_FDS = 1024,
	SYNC_NONE = -1,
};

enum sync_state {
	SYNC_NEW,
	SYNC_IN_FLIGHT, /* the helper syncs it */
	SYNC_DONE,	/* it has, without an error */
	SYNC_REFUSED,	/* nothing can be proved of it */
	SYNC_MISSED,	/* the program came to it before the helper */
};

struct sync_file {
	_Atomic int state; /* enum sync_state (futex) */
	uint32_t name;	   /* its offset in names */
	uint32_t hash;
	uint32_t renames; /* of struct sync_log, before the stamp was taken */
	int64_t opened;	  /* when the helper had opened it, by the monotonic clock */
	struct stamp stamp;
};

/* What a descriptor was opened by. */
struct sync_fd {
	_Atomic int32_t file; /* the index of the file plus 1; 0: not one to be proved */
	uint8_t version;      /* of the descriptor table, before it was noted there */
	int64_t begin;	      /* of the open, by the monotonic clock */
};

/* On a mapping of its own, which fork wipes: a child finds it empty. */
struct sync_log {
	atomic_flag writing;
	_Atomic uint32_t count;
	uint32_t names_used;
	_Atomic uint32_t asked;		    /* the helper syncs files from this one on */
	_Atomic uint32_t next;		    /* it has come to this one */
	_Atomic uint32_t tried;		    /* files that it has looked at */
	_Atomic uint32_t used;		    /* early syncs that proved a sync of the program */
	_Atomic uint32_t renames;	    /* calls of the program that change names */
	_Atomic uint32_t in_flight;	    /* number of them */
	_Atomic uint32_t flying[DEPTH_MAX]; /* files in flight: their index plus 1; 0: none */
	struct sync_fd fds[SYNC_FDS];
	_Atomic int unlogged_fd; /* plus 1: what was last opened to be read; it can be announced */
	char unlogged[EVENT_PATH_MAX + 1];
	struct sync_file files[SYNC_FILES];
	int32_t table[2 * SYNC_FILES]; /* files by the hash of their name, plus 1; 0: none */
	char names[SYNC_NAMES_SIZE];
};

extern struct sync_log *sync_log HIDDEN EARLY;

/* Returns false if there is no memory. */
bool sync_log_begin(void);

/* Notes that fd was opened by path, relative to dir, by an open that began at that time. */
void sync_log_note_open(int fd, int dir, const char *path, bool is_written, int64_t begin);

/* Notes that the program wants the file's data on the disk soon. */
void sync_log_announce(int fd);

/* Notes that the program has changed the file through fd. */
static inline void sync_log_note_write(int fd)
{
	if ((unsigned)fd < SYNC_FDS)
		atomic_store_explicit(&sync_log->fds[fd].file, 0, memory_order_relaxed);
}

/*
 * Returns the file that was opened as fd, if it was logged before that and not written through fd.
 * Else returns SYNC_NONE.
 */
int32_t sync_log_find(int fd);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reading ahead within a file that the program reads from front to back. The kernel reads some 128
 * KiB ahead (read_ahead_kb), which is one or two requests; this advises it to read up to 8 MiB
 * ahead (posix_fadvise). The program's own thread gives the advice, which starts the reads and does
 * not wait for them.
 */
#ifndef SHIM_AHEAD_SEQUENCE_H
#define SHIM_AHEAD_SEQUENCE_H

#include "shim/ahead/events.h"

enum {
	SEQUENCE_FDS = 1024,	    /* descriptors from this number on are not watched */
	SEQUENCE_LOOK = 256 * 1024, /* so much is read before the first look */
};

/*
 * For each descriptor, how many bytes were read less the number after which sequence_look() is to
 * be called. It can be wrong, after the descriptor was closed or when several threads read.
 */
extern _Atomic int32_t sequence_bytes[SEQUENCE_FDS] HIDDEN;

/* Begins to watch. network: also files of network file systems. */
void sequence_start(struct ahead *ahead, bool network);

/* Sees if the next part of the file is to be advised, and does so. position: -1: the file's own. */
void sequence_look(int fd, int64_t position);

/* Notes that fd names another file from now on. */
static inline void sequence_note_open(int fd)
{
	if (fd >= 0 && fd < SEQUENCE_FDS)
		atomic_store_explicit(&sequence_bytes[fd], -SEQUENCE_LOOK, memory_order_relaxed);
}

/* Notes a read that returned got, which may be an error, at a position. Keeps errno. */
static inline void sequence_note_read(int fd, ssize_t got, int64_t position)
{
	int32_t bytes;

	if (unlikely(fd < 0 || fd >= SEQUENCE_FDS || got <= 0))
		return;
	bytes = atomic_load_explicit(&sequence_bytes[fd], memory_order_relaxed) + (int32_t)got;
	atomic_store_explicit(&sequence_bytes[fd], bytes, memory_order_relaxed);
	if (unlikely(bytes >= 0))
		sequence_look(fd, position);
}

#endif

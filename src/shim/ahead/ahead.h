/* SPDX-License-Identifier: MIT */
/*
 * Running ahead (RINGSHIM_AHEAD): while the program waits for one file, a helper process reads the
 * next ones into the kernel's caches. The program makes each call itself, and gets each answer from
 * the kernel; it only waits less. This header is what the other layers need.
 *
 * The functions of notice.c take the place of libc's in next_table when the setting is on, so that
 * nothing is in the way of a call when it is off.
 */
#ifndef SHIM_AHEAD_AHEAD_H
#define SHIM_AHEAD_AHEAD_H

#include "shim/base/base.h"
#include "shim/config/settings.h"

/* These do the work of the functions below. */
void ahead_begin(int argc, char **argv);
void ahead_end(void);
void ahead_forbid(void);

/* Notes a read of a stream, that returned got. */
void ahead_note_stream_read(int fd, ssize_t got);

/* Starts watching what the program does, if the settings say so. argv is the program's. */
static inline void ahead_start(int argc, char **argv)
{
	if (unlikely(settings.ahead.kinds))
		ahead_begin(argc, argv);
}

/*
 * Ends the helper process, if there is one, and waits until it holds no file any more. Called
 * before the program ends or executes another one, and before it changes what the helper got from
 * it: credentials and namespaces. The next slow calls start a new one.
 */
static inline void ahead_end_helper(void)
{
	if (unlikely(settings.ahead.kinds))
		ahead_end();
}

/* The same before a system call filter is installed: no helper is started from now on. */
static inline void ahead_stop(void)
{
	if (unlikely(settings.ahead.kinds))
		ahead_forbid();
}

#endif

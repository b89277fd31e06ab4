/* SPDX-License-Identifier: MIT */
/* Enters new descriptors in the descriptor table. */
#ifndef SHIM_CALLS_DESCRIPTOR_NOTE_H
#define SHIM_CALLS_DESCRIPTOR_NOTE_H

#include "shim/calls/path/path.h"
#include "shim/fd/fdtable.h"
#include "shim/route/route-auto.h"

/* fd is a file that this process has opened itself, so its file position is private. Returns fd. */
static inline int note_new_file(int fd, fd_mark mark)
{
	if (fd >= 0)
		fd_note_open(fd, mark, !auto_leaves_positions);
	return fd;
}

static inline int note_new_path(int fd, fd_mark mark, const char *path)
{
	note_new_file(fd, mark);
	if (fd >= 0)
		path_note_opened(fd, path);
	return fd;
}

/* fd is a new descriptor of which nothing is known yet. Returns fd. */
static inline int note_new_fd(int fd)
{
	if (fd >= 0)
		fd_note_open(fd, 0, false);
	return fd;
}

#endif

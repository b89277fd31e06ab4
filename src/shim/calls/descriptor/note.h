/* What the table of descriptors is told of new ones. */
#ifndef SHIM_CALLS_DESCRIPTOR_NOTE_H
#define SHIM_CALLS_DESCRIPTOR_NOTE_H

#include "shim/calls/path/path.h"
#include "shim/fd/fdtable.h"

/* A file that this process opened itself: its position is its own. */
static inline int opened(int fd, fd_mark mark)
{
	if (fd >= 0)
		fd_note_open(fd, mark, true);
	return fd;
}

static inline int opened_path(int fd, fd_mark mark, const char *path)
{
	opened(fd, mark);
	if (fd >= 0)
		path_opened(fd, path);
	return fd;
}

/* A descriptor of which nothing is known yet. */
static inline int made(int fd)
{
	if (fd >= 0)
		fd_note_open(fd, 0, false);
	return fd;
}

#endif

/* What the table of descriptors is told of new ones. */
#ifndef SHIM_CALLS_DESCRIPTOR_NOTE_H
#define SHIM_CALLS_DESCRIPTOR_NOTE_H

#include "shim/calls/path/path.h"
#include "shim/fd/fdtable.h"

/* A file that this process opened itself: its position is its own. */
static inline int note_new_file(int fd, fd_mark mark)
{
	if (fd >= 0)
		fd_note_open(fd, mark, true);
	return fd;
}

static inline int note_new_path(int fd, fd_mark mark, const char *path)
{
	note_new_file(fd, mark);
	if (fd >= 0)
		path_note_opened(fd, path);
	return fd;
}

/* A descriptor of which nothing is known yet. */
static inline int note_new_fd(int fd)
{
	if (fd >= 0)
		fd_note_open(fd, 0, false);
	return fd;
}

#endif

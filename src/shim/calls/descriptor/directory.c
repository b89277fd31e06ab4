/* SPDX-License-Identifier: MIT */
/*
 * Directory streams: opendir(), fdopendir(), dirfd() and closedir(). libc opens, reads and
 * closes their descriptors itself; these functions keep the descriptor table correct.
 */
#include "shim/calls/file/file-position.h"
#include "shim/fd/fdtable.h"
#include "shim/iowq/workers.h"
#include "shim/symbols/next-symbol.h"

EXPORT int closedir(DIR *dir)
{
	if (dir)
		fd_forget(NEXT(dirfd)(dir));
	return NEXT(closedir)(dir);
}

EXPORT DIR *opendir(const char *path)
{
	DIR *dir = NEXT(opendir)(path);

	if (dir) {
		iowq_end_if_listed(path);
		fd_forget(NEXT(dirfd)(dir));
	}
	return dir;
}

EXPORT int dirfd(DIR *dir)
{
	int fd = NEXT(dirfd)(dir);

	file_position_leave(fd);
	return fd;
}

EXPORT DIR *fdopendir(int fd)
{
	file_position_leave(fd);
	return NEXT(fdopendir)(fd);
}

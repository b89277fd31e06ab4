/* SPDX-License-Identifier: MIT */
/*
 * Called before descriptors are closed: makes the kernel drop the file references that it still
 * holds for operations, and clears the table entries.
 */
#ifndef SHIM_CALLS_DESCRIPTOR_CLOSE_H
#define SHIM_CALLS_DESCRIPTOR_CLOSE_H

#include "shim/fd/fdtable.h"
#include "shim/iowq/held-files.h"

static inline void close_prepare(int fd)
{
	if (fd >= 0)
		iowq_drop_files(&thread_self, fd);
	fd_forget(fd);
}

static inline void close_prepare_range(unsigned first, unsigned last)
{
	iowq_drop_files(&thread_self, -1);
	fd_forget_range(first, last);
}

#endif

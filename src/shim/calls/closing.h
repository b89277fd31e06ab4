/* Before descriptors are closed: the kernel lets go of their files, and we forget them. */
#ifndef SHIM_CALLS_CLOSING_H
#define SHIM_CALLS_CLOSING_H

#include "shim/workers.h"

static inline void closing(int fd)
{
	workers_settle(&thread_self);
	fd_forget(fd);
}

static inline void closing_range(unsigned first, unsigned last)
{
	workers_settle(&thread_self);
	fd_forget_range(first, last);
}

#endif

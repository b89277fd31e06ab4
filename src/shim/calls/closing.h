/* Before descriptors are closed: the kernel lets go of their files, and we forget them. */
#ifndef SHIM_CALLS_CLOSING_H
#define SHIM_CALLS_CLOSING_H

#include "shim/contract.h"

static inline void closing(int fd)
{
	contract_settle();
	fd_forget(fd);
}

static inline void closing_range(unsigned first, unsigned last)
{
	contract_settle();
	fd_forget_range(first, last);
}

#endif

/* SPDX-License-Identifier: MIT */
/* The three system calls of io_uring. */
#include "sys.h"
#include "uring.h"

int uring_sys_setup(unsigned entries, struct uring_params *params)
{
	return (int)sys_call6(SYS_io_uring_setup, entries, (long)params, 0, 0, 0, 0);
}

int uring_sys_enter(int fd, unsigned to_submit, unsigned min_complete, unsigned flags,
		    const void *arg, size_t argsz)
{
	return (int)sys_call6(SYS_io_uring_enter, fd, to_submit, min_complete, flags, (long)arg,
			      (long)argsz);
}

int uring_sys_register(int fd, unsigned opcode, const void *arg, unsigned nr_args)
{
	return (int)sys_call6(SYS_io_uring_register, fd, opcode, (long)arg, nr_args, 0, 0);
}

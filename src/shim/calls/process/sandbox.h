/* SPDX-License-Identifier: MIT */
/*
 * Prepares the process for a system call filter: rings are blocked and operations in flight
 * ended.
 */
#ifndef SHIM_CALLS_PROCESS_SANDBOX_H
#define SHIM_CALLS_PROCESS_SANDBOX_H

#include "shim/base/base.h"

/* Returns true if prctl(option, mode) installs a filter: seccomp or syscall user dispatch. */
bool sandbox_is_filter(int option, unsigned long mode);

/*
 * Called before and after the call that installs a filter. installed: the call succeeded and
 * there is one more filter. dispatch: the filter is syscall user dispatch.
 */
void sandbox_filter_begin(void);
void sandbox_filter_end(bool installed, bool dispatch);

/* Returns true if system calls that are not made by the code of libc may be forbidden. */
bool sandbox_is_dispatched(void);

#endif

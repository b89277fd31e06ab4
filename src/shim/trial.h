/*
 * Whether this process may make the system calls of io_uring and live. Only a
 * system call filter can forbid that, and only trying shows what it does; so,
 * if there is one, a child tries.
 */
#ifndef SHIM_TRIAL_H
#define SHIM_TRIAL_H

#include "shim/base.h"

bool trial_survived(void);

#endif

/*
 * Whether this process may make the system calls of io_uring and live. Only a
 * system call filter can forbid that, and only trying shows what it does; so,
 * if there is one, a child tries.
 */
#ifndef SHIM_RING_SECCOMP_PROBE_H
#define SHIM_RING_SECCOMP_PROBE_H

#include "shim/base/base.h"

bool seccomp_probe_succeeds(void);

#endif

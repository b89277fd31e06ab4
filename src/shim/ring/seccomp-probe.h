/* SPDX-License-Identifier: MIT */
/*
 * Finds out if the system calls of io_uring kill this process. Only a seccomp filter can do that,
 * and only a trial shows what the filter does. So if there is a filter, a child process makes the
 * calls.
 */
#ifndef SHIM_RING_SECCOMP_PROBE_H
#define SHIM_RING_SECCOMP_PROBE_H

#include "shim/base/base.h"

/* Returns true if the process survives the system calls of io_uring, even if they fail. */
bool seccomp_probe_succeeds(void);

#endif

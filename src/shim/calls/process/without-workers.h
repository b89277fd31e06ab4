/* SPDX-License-Identifier: MIT */
/* Tells which system calls change something that io-wq workers keep from their creation. */
#ifndef SHIM_CALLS_PROCESS_WITHOUT_WORKERS_H
#define SHIM_CALLS_PROCESS_WITHOUT_WORKERS_H

#include "shim/base/base.h"

/*
 * Returns true if system call number nr changes something in a thread that its workers would
 * keep.
 */
bool workers_would_keep(long nr);

#endif

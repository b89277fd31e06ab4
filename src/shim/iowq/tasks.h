/* SPDX-License-Identifier: MIT */
/* Finds io-wq workers among the tasks of this process. */
#ifndef SHIM_IOWQ_TASKS_H
#define SHIM_IOWQ_TASKS_H

#include "shim/base/base.h"

/* Returns the number by which iowq_has_workers() knows the calling thread's workers, or 0 for any. */
uint32_t iowq_own_number(void);

/* Returns true if the process has a worker that can be owner's. */
bool iowq_has_workers(uint32_t owner);

#endif

/* SPDX-License-Identifier: MIT */
/* How much memory the files that were fetched, and not asked for yet, may take. */
#ifndef SHIM_AHEAD_MEMORY_H
#define SHIM_AHEAD_MEMORY_H

/* Returns a number of pages: 64 MiB, or less where memory is short in the system or the cgroup. */
unsigned memory_limit(void);

#endif

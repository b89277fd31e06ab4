/* SPDX-License-Identifier: MIT */
/*
 * Files that another process has a write lease on (F_SETLEASE): an open for reading would break it,
 * and its holder would notice.
 */
#ifndef SHIM_AHEAD_LEASES_H
#define SHIM_AHEAD_LEASES_H

#include "shim/base/base.h"

enum { LEASES_MAX = 64 };

struct leases {
	int64_t when; /* they were looked up (monotonic ns) */
	unsigned count;
	bool has_more; /* than fit: every file counts as leased */
	uint64_t inodes[LEASES_MAX];
};

/* Looks them up again, unless that was done in the last 5 ms. */
void leases_update(struct leases *leases);

/* Returns true if a file with that inode number may have a lease. */
bool is_leased(const struct leases *leases, uint64_t ino);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The state of a file at one moment. Two equal stamps prove that no change of the file lies between
 * them: each change sets the change time, between its start and its end.
 */
#ifndef SHIM_AHEAD_STAMP_H
#define SHIM_AHEAD_STAMP_H

#include "shim/base/base.h"

struct stamp {
	uint64_t device, inode, size;
	int64_t changed, modified, accessed, born; /* ns since the epoch */
	uint64_t attributes; /* stx_attributes: compressed, immutable, verity... */
	uint32_t mode, links, owner, group;
	int64_t age; /* ns from the change to the stamp, by the clock that changes are timed with */
	int64_t offset; /* of that clock to the monotonic one, in ns */
};

/*
 * Takes the stamp of an open file. Returns false if it can prove nothing: no regular file, no exact
 * times, or a change so recent that the next one could have the same time.
 */
bool stamp_take(struct stamp *stamp, int fd);

/* Returns true if the file is the same as when the stamp was taken, and nothing has changed it. */
bool stamp_holds(const struct stamp *stamp, int fd);

/* Returns true if the two are of the same file, whatever has changed it. */
static inline bool stamp_is_of_same_file(const struct stamp *one, const struct stamp *other)
{
	return one->device == other->device && one->inode == other->inode &&
		one->born == other->born;
}

/* Reads what an open file is now. Returns false if that cannot be known exactly. */
bool stamp_read(struct stamp *stamp, int fd);

#endif

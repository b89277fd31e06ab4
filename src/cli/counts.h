/* SPDX-License-Identifier: MIT */
/* Counts how often each system call was made natively and under the shim. */
#ifndef RINGSHIM_CLI_COUNTS_H
#define RINGSHIM_CLI_COUNTS_H

#include <stddef.h>

/* One system call. */
struct count {
	char name[48];
	unsigned long long calls[2]; /* [NATIVE] and [SHIMMED] */
};

enum { NATIVE, SHIMMED };

struct counts {
	struct count *rows;
	size_t count;
};

/*
 * Adds the summary that strace -c wrote to the file fd, for the run which. Returns its number of
 * rows: 0 if strace counted nothing.
 */
size_t counts_add_summary(struct counts *counts, int fd, int which);

/* Sorts by the size of the difference, largest first, then by name. */
void counts_sort(struct counts *counts);

/* Returns the calls under the shim minus the native calls. */
long long count_change(const struct count *row);

#endif

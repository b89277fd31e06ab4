/* SPDX-License-Identifier: MIT */
/* Counts how often each system call was made natively and under the shim. */
#ifndef RINGSHIM_CLI_STRACE_COUNTS_H
#define RINGSHIM_CLI_STRACE_COUNTS_H

#include <stdbool.h>
#include <stddef.h>

/* One system call. */
struct count {
	char name[48];
	unsigned long long calls[2]; /* of the program, [NATIVE] and [SHIMMED] */
	unsigned long long own;	     /* of the library, under the shim */
};

enum { NATIVE, SHIMMED };

struct counts {
	struct count *rows;
	size_t count;
};

/* Counts a call in the run which. own: the library made it. */
void counts_add(struct counts *counts, const char *name, int which, bool own);

/* Sorts by the size of the program's difference, largest first, then by name. */
void counts_sort(struct counts *counts);

/* Sorts by the size of the difference that includes the library's own calls. */
void counts_sort_total(struct counts *counts);

/* Returns a copy of the rows, for sorting them in another way. */
struct counts counts_copy(const struct counts *counts);

/* Returns the sums of all rows. */
struct count counts_total(const struct counts *counts);

/* Returns all calls under the shim. */
unsigned long long count_shimmed(const struct count *row);

/* Returns the program's calls under the shim minus the native calls. */
long long count_change(const struct count *row);

#endif

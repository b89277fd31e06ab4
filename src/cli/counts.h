#ifndef RINGSHIM_CLI_COUNTS_H
#define RINGSHIM_CLI_COUNTS_H

#include <stddef.h>

/* How often each system call was made natively and under the shim. */
struct count {
	char name[48];
	unsigned long long calls[2];
};

enum { NATIVE, SHIMMED };

struct counts {
	struct count *rows;
	size_t count;
};

/*
 * Adds the summary that strace -c wrote into FD, as that of run WHICH. Returns how
 * many rows it had: none when strace did not get to count.
 */
size_t counts_add_summary(struct counts *counts, int fd, int which);

/* The largest differences first, then by name. */
void counts_sort(struct counts *counts);

long long count_change(const struct count *row);

#endif

/* SPDX-License-Identifier: MIT */
/* Benchmarks a table of many descriptors: reads from the last one, and from all in turn. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"

#define BLOCK 512

static unsigned long nr;
static int *fds;

static void raise_limit(rlim_t least)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= least)
		return;
	limit.rlim_cur = least;
	if (limit.rlim_max < least)
		limit.rlim_max = least;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		cannot("so many descriptors (RLIMIT_NOFILE, fs.nr_open)");
}

static void prepare(char **args)
{
	int file;

	nr = number(args[0]);
	raise_limit(nr + 64);
	fds = calloc(nr, sizeof(*fds));
	must(fds, "calloc");
	file = scratch_file(args[1], 256 * BLOCK);
	for (unsigned long i = 0; i < nr; i++) {
		fds[i] = dup(file);
		must(fds[i] >= 0, "dup");
	}
}

static inline void read_block(int fd)
{
	char buf[BLOCK];

	must(io->pread(fd, buf, BLOCK, 0) == BLOCK, "pread");
}

static void repeat_last(unsigned long count)
{
	clock_on();
	while (count--)
		read_block(fds[nr - 1]);
	clock_off();
}

/* Advances by a prime, so that the next entry is not cached yet. */
static void repeat_all(unsigned long count)
{
	unsigned long i = 0;

	clock_on();
	while (count--) {
		read_block(fds[i]);
		i = (i + 7919) % nr;
	}
	clock_off();
}

/* Opening and closing, both of which update the table. */
static void prepare_dup(char **args)
{
	char one[] = "1";

	prepare((char *[]){ one, args[0], NULL });
}

static void repeat_dup(unsigned long count)
{
	clock_on();
	while (count--)
		must(!close(dup(fds[0])), "close");
	clock_off();
}

const struct subject descriptor_subjects[] = {
	{ "descriptors-last", "COUNT DIR", 2, prepare, repeat_last, NULL },
	{ "descriptors-all", "COUNT DIR", 2, prepare, repeat_all, NULL },
	{ "dup-close", "DIR", 1, prepare_dup, repeat_dup, NULL },
	{ 0 }
};

/* SPDX-License-Identifier: MIT */
/* What a run took, and what many runs took. */
#include "config.h"

#include "cli/measure/amounts.h"

#include "cli/cli.h"

#include <stdlib.h>

enum { DISK_BLOCK = 512 }; /* the unit of ru_inblock and ru_oublock */

const struct amount_kind amount_kinds[AMOUNT_KINDS] = {
	[AMOUNT_WALL] = { "wall time (s)", "wall_seconds", true, true },
	[AMOUNT_USER] = { "user time (s)", "user_seconds", true, true },
	[AMOUNT_SYSTEM] = { "system time (s)", "system_seconds", true, true },
	[AMOUNT_VOLUNTARY] = { "voluntary switches", "voluntary_switches", false, false },
	[AMOUNT_INVOLUNTARY] = { "involuntary switches", "involuntary_switches", false, false },
	[AMOUNT_MEMORY] = { "peak memory (KiB)", "peak_memory_kib", false, true },
	[AMOUNT_READ] = { "disk reads (KiB)", "disk_read_kib", false, true },
	[AMOUNT_WRITTEN] = { "disk writes (KiB)", "disk_written_kib", false, true },
};

static double seconds(struct timeval t)
{
	return t.tv_sec + t.tv_usec / 1e6;
}

void amounts_take(struct amounts *amounts, double wall, const struct rusage *usage)
{
	double *values = amounts->values;

	values[AMOUNT_WALL] = wall;
	values[AMOUNT_USER] = seconds(usage->ru_utime);
	values[AMOUNT_SYSTEM] = seconds(usage->ru_stime);
	values[AMOUNT_VOLUNTARY] = usage->ru_nvcsw;
	values[AMOUNT_INVOLUNTARY] = usage->ru_nivcsw;
	values[AMOUNT_MEMORY] = usage->ru_maxrss;
	values[AMOUNT_READ] = usage->ru_inblock * (DISK_BLOCK / 1024.0);
	values[AMOUNT_WRITTEN] = usage->ru_oublock * (DISK_BLOCK / 1024.0);
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

struct spread amounts_spread(const struct amounts *runs, int count, enum amount amount)
{
	double *values = grow(NULL, count, sizeof(*values));
	struct spread spread;

	for (int i = 0; i < count; i++)
		values[i] = runs[i].values[amount];
	qsort(values, count, sizeof(*values), by_value);
	spread = (struct spread){
		.median = (values[(count - 1) / 2] + values[count / 2]) / 2,
		.least = values[0],
		.most = values[count - 1],
	};
	free(values);
	return spread;
}

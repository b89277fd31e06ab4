/* SPDX-License-Identifier: MIT */
/* Counts how often each system call was made natively and under the shim. */
#include "config.h"

#include "cli/strace/counts.h"

#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static struct count *row_named(struct counts *counts, const char *name)
{
	struct count *row;

	for (size_t i = 0; i < counts->count; i++)
		if (!strcmp(counts->rows[i].name, name))
			return &counts->rows[i];
	counts->rows = grow(counts->rows, counts->count + 1, sizeof(*counts->rows));
	row = &counts->rows[counts->count++];
	*row = (struct count){ 0 };
	snprintf(row->name, sizeof(row->name), "%s", name);
	return row;
}

void counts_add(struct counts *counts, const char *name, int which, bool own)
{
	struct count *row = row_named(counts, name);

	if (own)
		row->own++;
	else
		row->calls[which]++;
}

struct counts counts_copy(const struct counts *counts)
{
	struct counts copy = { .count = counts->count };

	copy.rows = grow(NULL, counts->count + 1, sizeof(*copy.rows));
	if (counts->count)
		memcpy(copy.rows, counts->rows, counts->count * sizeof(*copy.rows));
	return copy;
}

struct count counts_total(const struct counts *counts)
{
	struct count total = { 0 };

	for (size_t i = 0; i < counts->count; i++) {
		total.calls[NATIVE] += counts->rows[i].calls[NATIVE];
		total.calls[SHIMMED] += counts->rows[i].calls[SHIMMED];
		total.own += counts->rows[i].own;
	}
	return total;
}

unsigned long long count_shimmed(const struct count *row)
{
	return row->calls[SHIMMED] + row->own;
}

long long count_change(const struct count *row)
{
	return (long long)(row->calls[SHIMMED] - row->calls[NATIVE]);
}

/* Compares the sizes of differences, then the names. */
static int compare_rows(const struct count *a, long long x, const struct count *b, long long y)
{
	if (llabs(x) != llabs(y))
		return llabs(x) < llabs(y) ? 1 : -1;
	return strcmp(a->name, b->name);
}

static int by_change(const void *left, const void *right)
{
	const struct count *a = left, *b = right;

	return compare_rows(a, count_change(a), b, count_change(b));
}

static int by_total_change(const void *left, const void *right)
{
	const struct count *a = left, *b = right;

	return compare_rows(a, count_change(a) + (long long)a->own, b,
			    count_change(b) + (long long)b->own);
}

void counts_sort(struct counts *counts)
{
	if (counts->count)
		qsort(counts->rows, counts->count, sizeof(*counts->rows), by_change);
}

void counts_sort_total(struct counts *counts)
{
	if (counts->count)
		qsort(counts->rows, counts->count, sizeof(*counts->rows), by_total_change);
}

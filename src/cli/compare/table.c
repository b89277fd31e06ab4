/* SPDX-License-Identifier: MIT */
/* Prints the tables of `ringshim compare`: system calls and processes. */
#include "config.h"

#include "cli/compare/table.h"

#include "cli/compare/process-pairs.h"

#include <stdlib.h>
#include <string.h>

#define TOTAL "all system calls"

static int name_width(const struct counts *counts)
{
	int width = strlen(TOTAL);

	for (size_t i = 0; i < counts->count; i++)
		if ((int)strlen(counts->rows[i].name) > width)
			width = strlen(counts->rows[i].name);
	return width;
}

static void print_row(FILE *to, const char *name, unsigned long long native,
		      unsigned long long shimmed, int width)
{
	fprintf(to, "%-*s  %12llu  %12llu  %+12lld\n", width, name, native, shimmed,
		(long long)(shimmed - native));
}

static void print_program_calls(FILE *to, const struct counts *counts, bool all, int width)
{
	int rows = 0;

	fprintf(to, "%-*s  %12s  %12s  %12s\n", width, "system call", "native", "shim", "change");
	for (size_t i = 0; i < counts->count; i++) {
		const struct count *row = &counts->rows[i];

		if (!(all ? row->calls[NATIVE] + row->calls[SHIMMED] != 0 : count_change(row) != 0))
			continue;
		print_row(to, row->name, row->calls[NATIVE], row->calls[SHIMMED], width);
		rows++;
	}
	if (!rows)
		fputs("(no count differs)\n", to);
}

static int by_own(const void *left, const void *right)
{
	const struct count *a = left, *b = right;

	if (a->own != b->own)
		return a->own < b->own ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void print_own_calls(FILE *to, const struct counts *counts, int width)
{
	struct counts sorted = counts_copy(counts);

	qsort(sorted.rows, sorted.count, sizeof(*sorted.rows), by_own);
	fputs("\nThe shim's own calls, and those that load it:\n", to);
	for (size_t i = 0; i < sorted.count && sorted.rows[i].own; i++)
		fprintf(to, "%-*s  %12s  %12llu\n", width, sorted.rows[i].name, "",
			sorted.rows[i].own);
	free(sorted.rows);
}

void table_counts(FILE *to, const struct counts *counts, bool all)
{
	struct count total = counts_total(counts);
	int width = name_width(counts);

	print_program_calls(to, counts, all, width);
	if (total.own) {
		print_row(to, "CMD's calls", total.calls[NATIVE], total.calls[SHIMMED], width);
		print_own_calls(to, counts, width);
		fprintf(to, "%-*s  %12s  %12llu\n\n", width, "the shim's calls", "", total.own);
	}
	print_row(to, TOTAL, total.calls[NATIVE], count_shimmed(&total), width);
}

static void print_pid(FILE *to, const struct tracee_process *process)
{
	if (process)
		fprintf(to, "  %10d", (int)process->pid);
	else
		fprintf(to, "  %10s", "-");
}

static void print_calls(FILE *to, const struct tracee_process *process, enum origin origin)
{
	if (process)
		fprintf(to, "  %10llu", process->calls[origin]);
	else
		fprintf(to, "  %10s", "-");
}

void table_processes(FILE *to, const struct tracees runs[2])
{
	struct process_pairs pairs;

	if (runs[NATIVE].process_count < 2 && runs[SHIMMED].process_count < 2)
		return;
	process_pairs_make(&pairs, runs);
	fprintf(to, "\n%-18s  %10s  %10s  %10s  %10s  %10s\n", "process", "native pid", "shim pid",
		"native", "shim", "shim's own");
	for (size_t i = 0; i < pairs.count; i++) {
		const struct process_pair *pair = &pairs.list[i];

		fprintf(to, "%-18.18s", process_pair_program(pair));
		print_pid(to, pair->native);
		print_pid(to, pair->shimmed);
		print_calls(to, pair->native, ORIGIN_PROGRAM);
		print_calls(to, pair->shimmed, ORIGIN_PROGRAM);
		print_calls(to, pair->shimmed, ORIGIN_LIBRARY);
		fputc('\n', to);
	}
	free(pairs.list);
}

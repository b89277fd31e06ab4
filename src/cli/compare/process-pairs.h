/* SPDX-License-Identifier: MIT */
/* Says which process of the run under the shim does what a process of the native run did. */
#ifndef RINGSHIM_CLI_COMPARE_PROCESS_PAIRS_H
#define RINGSHIM_CLI_COMPARE_PROCESS_PAIRS_H

#include "cli/strace/tracees.h"

struct process_pair {
	const struct tracee_process *native, *shimmed; /* NULL: only the other run has it */
};

struct process_pairs {
	struct process_pair *list;
	size_t count;
};

/*
 * Pairs the processes of the two runs, which are sorted: the first of a program with the first, the
 * second with the second. The list is in the order of the native run; what only the run under the
 * shim has follows. The caller frees the list.
 */
void process_pairs_make(struct process_pairs *pairs, const struct tracees runs[2]);

const char *process_pair_program(const struct process_pair *pair);

#endif

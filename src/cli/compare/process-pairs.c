/* SPDX-License-Identifier: MIT */
/* Pairs the processes of two runs by their programs. */
#include "config.h"

#include "cli/compare/process-pairs.h"

#include "cli/cli.h"
#include "cli/strace/counts.h"

#include <string.h>

const char *process_pair_program(const struct process_pair *pair)
{
	return (pair->native ? pair->native : pair->shimmed)->program;
}

/* Puts the process into the first pair that lacks one of its program. Returns false if none does. */
static bool complete_pair(struct process_pairs *pairs, const struct tracee_process *shimmed)
{
	for (size_t i = 0; i < pairs->count; i++) {
		struct process_pair *pair = &pairs->list[i];

		if (pair->shimmed || strcmp(process_pair_program(pair), shimmed->program) != 0)
			continue;
		pair->shimmed = shimmed;
		return true;
	}
	return false;
}

void process_pairs_make(struct process_pairs *pairs, const struct tracees runs[2])
{
	const struct tracees *native = &runs[NATIVE], *shimmed = &runs[SHIMMED];

	pairs->count = 0;
	pairs->list = grow(NULL, native->process_count + shimmed->process_count + 1,
			   sizeof(*pairs->list));
	for (size_t i = 0; i < native->process_count; i++)
		pairs->list[pairs->count++] = (struct process_pair){
			.native = native->processes[i]
		};
	for (size_t i = 0; i < shimmed->process_count; i++)
		if (!complete_pair(pairs, shimmed->processes[i]))
			pairs->list[pairs->count++] = (struct process_pair){
				.shimmed = shimmed->processes[i]
			};
}

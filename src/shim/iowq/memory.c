/* SPDX-License-Identifier: MIT */
#include "shim/iowq/memory.h"
#include "shim/memory/cgroup.h"

bool iowq_memory_is_known;

static uint64_t limit_of(const struct cgroup_version *version, const char *group)
{
	return version->first ? cgroup_number(version, group, version->max, "", UINT64_MAX) :
				UINT64_MAX;
}

COLD void iowq_learn_memory(void)
{
	/* What version 1 has for no limit is half of what a word can hold. */
	const uint64_t unlimited = UINT64_MAX / 4;
	static atomic_flag begun;

	if (atomic_flag_test_and_set(&begun))
		return;
	if (cgroup_least(limit_of) < unlimited)
		atomic_fetch_or_explicit(&prepare_flags, PREPARE_FOR_MEMORY, memory_order_relaxed);
	iowq_memory_is_known = true;
}

/* SPDX-License-Identifier: MIT */
/*
 * The names of operations, registrations, features and flags, and the kernel versions that
 * introduced them.
 */
#include "internal.h"

struct name {
	const char *name;
	const char *since;
};

#include "names-tables.h"

static const struct {
	const struct name *names;
	size_t nr;
	int flags; /* indexed by bit number */
} tables[] = {
	[URING_WHAT_OP] = { ops, ARRAY_SIZE(ops), 0 },
	[URING_WHAT_REGISTER] = { register_ops, ARRAY_SIZE(register_ops), 0 },
	[URING_WHAT_SETUP] = { setup_flags, ARRAY_SIZE(setup_flags), 1 },
	[URING_WHAT_FEATURE] = { features, ARRAY_SIZE(features), 1 },
	[URING_WHAT_ENTER] = { enter_flags, ARRAY_SIZE(enter_flags), 1 },
	[URING_WHAT_SQE] = { sqe_flags, ARRAY_SIZE(sqe_flags), 1 },
};

static const struct name *find(enum uring_what what, uint64_t value)
{
	if ((unsigned)what >= ARRAY_SIZE(tables))
		return NULL;
	if (tables[what].flags) {
		if (!value || value & (value - 1))
			return NULL;
		value = (uint64_t)__builtin_ctzll(value);
	}
	if (value >= tables[what].nr || !tables[what].names[value].name)
		return NULL;
	return &tables[what].names[value];
}

const char *uring_name(enum uring_what what, uint64_t value)
{
	const struct name *name = find(what, value);

	return name ? name->name : NULL;
}

const char *uring_since(enum uring_what what, uint64_t value)
{
	const struct name *name = find(what, value);

	return name ? name->since : NULL;
}

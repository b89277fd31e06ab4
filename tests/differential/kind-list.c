/* SPDX-License-Identifier: MIT */
/* All kinds of descriptor in one list: the tables, and the kinds derived from them. */
#include "differential.h"

#include <stdlib.h>
#include <string.h>

static struct kind *kinds;
static unsigned int kinds_len;

unsigned int kinds_count(void)
{
	return kinds_len;
}

const struct kind *kinds_get(unsigned int i)
{
	return &kinds[i];
}

const struct kind *kinds_find(const char *name)
{
	for (unsigned int i = 0; i < kinds_len; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	abort();	/* a table names an unknown kind */
}

static void add(const struct kind *k)
{
	struct kind *more = realloc(kinds, (kinds_len + 1) * sizeof(*kinds));

	if (!more)
		abort();
	kinds = more;
	kinds[kinds_len] = *k;
	if (!k->name)
		derive_kind(&kinds[kinds_len]);
	kinds_len++;
}

static void add_table(const struct kind *table)
{
	for (const struct kind *k = table; k->name || k->base; k++)
		add(k);
}

/*
 * Adds one way of number reuse between all kinds, and all ways between the most error-prone kinds.
 */
static void add_reused(void)
{
	for (int how = 0; reused_how[how]; how++)
		for (int before = 0; reused_before[before]; before++)
			for (int after = 0; reused_after[after]; after++)
				if (how == 0 || (before < 2 && after < 3))
					add(&(struct kind){ .base = reused_before[before],
							    .how = reused_how[how],
							    .after = reused_after[after] });
	for (int how = 0; opened_how[how]; how++)
		for (int before = 0; before < 3; before++)
			add(&(struct kind){ .base = reused_before[before], .how = opened_how[how] });
}

void kinds_collect(void)
{
	add_table(file_kinds);
	add_table(pipe_kinds);
	add_table(socket_kinds);
	add_table(special_kinds);
	add_table(derived_kinds);
	add_reused();
}

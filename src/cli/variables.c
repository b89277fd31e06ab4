/* SPDX-License-Identifier: MIT */
/* Collects environment variables for CMD and makes its environment. */
#include "config.h"

#include "cli/variables.h"

#include "cli/cli.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool same_name(const char *entry, const char *name, size_t length)
{
	return !strncmp(entry, name, length) && entry[length] == '=';
}

static bool has_name(const struct variables *v, const char *entry)
{
	size_t length = strcspn(entry, "=");

	for (size_t i = 0; i < v->count; i++)
		if (same_name(v->entries[i], entry, length))
			return true;
	return false;
}

static void append(struct variables *v, char *entry)
{
	v->entries = grow(v->entries, v->count + 2, sizeof(*v->entries));
	v->entries[v->count++] = entry;
	v->entries[v->count] = NULL;
}

void variables_set(struct variables *v, const char *name, const char *value)
{
	char *entry = text("%s=%s", name, value);

	for (size_t i = 0; i < v->count; i++) {
		if (!same_name(v->entries[i], name, strlen(name)))
			continue;
		free(v->entries[i]);
		v->entries[i] = entry;
		return;
	}
	append(v, entry);
}

char **variables_environment(const struct variables *v)
{
	struct variables all = { 0 };

	for (char **entry = environ; *entry; entry++)
		if (!same_name(*entry, "LD_PRELOAD", strlen("LD_PRELOAD")) && !has_name(v, *entry))
			append(&all, *entry);
	for (size_t i = 0; i < v->count; i++)
		append(&all, v->entries[i]);
	if (!all.entries)
		all.entries = grow(NULL, 1, sizeof(*all.entries)), *all.entries = NULL;
	return all.entries;
}

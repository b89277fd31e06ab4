/* SPDX-License-Identifier: MIT */
/* Reads /proc/self/maps: the helper's mappings are the program's. */
#include <string.h>
#include "shim/ahead/start/mappings.h"
#include "shim/base/lines.h"

/* Reads a hexadecimal number, and moves *text behind it and the character that ends it. */
static uintptr_t take_address(const char **text)
{
	uintptr_t number = 0;

	for (;; (*text)++) {
		char c = **text;

		if (c >= '0' && c <= '9')
			number = number << 4 | (uintptr_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			number = number << 4 | (uintptr_t)(c - 'a' + 10);
		else
			break;
	}
	if (**text)
		(*text)++;
	return number;
}

struct visitor {
	void (*visit)(void *arg, const struct mapping *mapping);
	void *arg;
};

static void visit_line(void *arg, const char *line)
{
	const struct visitor *visitor = arg;
	struct mapping mapping = { .path = strchr(line, '/') };

	if (!mapping.path)
		return;
	mapping.address = take_address(&line);
	mapping.size = take_address(&line) - mapping.address;
	visitor->visit(visitor->arg, &mapping);
}

void mappings_visit(void (*visit)(void *arg, const struct mapping *mapping), void *arg)
{
	struct visitor visitor = { visit, arg };

	lines_visit("/proc/self/maps", visit_line, &visitor);
}

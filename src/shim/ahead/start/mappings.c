/* SPDX-License-Identifier: MIT */
/* Reads /proc/self/maps: the helper's mappings are the program's. */
#include <fcntl.h>
#include <string.h>
#include "shim/ahead/start/mappings.h"
#include "shim/base/sys.h"

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

static void visit_line(const char *line, void (*visit)(void *arg, const struct mapping *mapping),
		       void *arg)
{
	struct mapping mapping = { .path = strchr(line, '/') };

	if (!mapping.path)
		return;
	mapping.address = take_address(&line);
	mapping.size = take_address(&line) - mapping.address;
	visit(arg, &mapping);
}

void mappings_visit(void (*visit)(void *arg, const struct mapping *mapping), void *arg)
{
	char text[4096];
	long fd = sys4(SYS_openat, AT_FDCWD, (long)"/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	size_t kept = 0;
	long got;

	if (fd < 0)
		return;
	while ((got = sys3(SYS_read, fd, (long)(text + kept), (long)(sizeof(text) - kept))) > 0) {
		char *line = text, *end = text + kept + got, *newline;

		while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
			*newline = '\0';
			visit_line(line, visit, arg);
			line = newline + 1;
		}
		kept = (size_t)(end - line);
		memmove(text, line, kept);
		/* No line is that long. */
		kept %= sizeof(text);
	}
	sys1(SYS_close, fd);
}

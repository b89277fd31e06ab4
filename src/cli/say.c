/* SPDX-License-Identifier: MIT */
/* Prints messages and allocates memory; both for the whole command. */
#include "config.h"

#include "cli/cli.h"

#include "cli/output/progress.h"

#include <stdarg.h>
#include <stdlib.h>

static void vsay(const char *format, va_list args)
{
	char *line;

	if (vasprintf(&line, format, args) < 0) {
		fputs("ringshim: out of memory\n", stderr);
		return;
	}
	progress_erase();
	fprintf(stderr, "ringshim: %s\n", line);
	free(line);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(format, args);
	va_end(args);
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(format, args);
	va_end(args);
	exit(EXIT_TROUBLE);
}

char *text(const char *format, ...)
{
	va_list args;
	char *line;
	int n;

	va_start(args, format);
	n = vasprintf(&line, format, args);
	va_end(args);
	if (n < 0)
		die("out of memory");
	return line;
}

void *grow(void *array, size_t count, size_t size)
{
	void *bigger = reallocarray(array, count, size);

	if (!bigger)
		die("out of memory");
	return bigger;
}

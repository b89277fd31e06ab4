/* SPDX-License-Identifier: MIT */
/*
 * effects GROUP: prints the effects of the group's calls, a line each. Run it in an empty
 * directory. effects -l: lists the groups.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "effects.h"

static const struct {
	const char *name;
	group_fn *run;
} groups[] = {
	{ "faults", faults },
	{ "transfers", transfers },
	{ "syncs", syncs },
	{ "names", names },
	{ "attributes", attributes },
	{ "descriptors", descriptors },
	{ "messages", messages },
	{ "connections", connections },
	{ "waits", waits },
	{ "events", events },
	{ "accounts", accounts },
};

void saw(const char *call, const char *effect, const char *format, ...)
{
	va_list args;

	printf("%s: %s: ", call, effect);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void need(bool what, const char *why)
{
	if (what)
		return;
	fprintf(stderr, "%s: %s\n", why, strerror(errno));
	exit(3);
}

const char *result(long ret)
{
	static char texts[4][24];
	static unsigned turn;
	int err = errno;
	char *text = texts[turn++ % 4];

	if (ret < 0)
		snprintf(text, sizeof(texts[0]), "%s", strerrorname_np(err));
	else
		snprintf(text, sizeof(texts[0]), "%ld", ret);
	return text;
}

unsigned long sum(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	unsigned long total = 5381;

	while (len--)
		total = total * 33 + *at++;
	return total & 0xffffffff;
}

void pattern(void *bytes, size_t len, unsigned seed)
{
	unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		at[i] = (unsigned char)((i * 2654435761u + seed * 977) >> 11);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	/* Line buffering keeps the output before a case that hangs. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (!strcmp(argv[1], "-l")) {
			puts(groups[i].name);
		} else if (!strcmp(argv[1], groups[i].name)) {
			groups[i].run();
			return 0;
		}
	}
	return strcmp(argv[1], "-l") ? 2 : 0;
}

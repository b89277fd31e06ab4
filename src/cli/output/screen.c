/* SPDX-License-Identifier: MIT */
/* Writes text for people. */
#include "config.h"

#include "cli/output/screen.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const sequences[] = {
	[COLOUR_NONE] = "",	     [COLOUR_BOLD] = "\033[1m",	  [COLOUR_GOOD] = "\033[32m",
	[COLOUR_DOUBT] = "\033[33m", [COLOUR_BAD] = "\033[1;31m",
};

static bool has_colours(FILE *to)
{
	const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return !(none && *none) && terminal && strcmp(terminal, "dumb") && isatty(fileno(to));
}

void screen_word(FILE *to, enum colour colour, const char *word)
{
	bool coloured = colour != COLOUR_NONE && has_colours(to);

	fprintf(to, "%s%s%s", coloured ? sequences[colour] : "", word, coloured ? "\033[0m" : "");
}

void screen_paragraph(FILE *to, int column, int indent, const char *text)
{
	bool first = true;

	for (;;) {
		int length;

		text += strspn(text, " ");
		length = (int)strcspn(text, " ");
		if (!length)
			break;
		if (!first && column + 1 + length > SCREEN_WIDTH) {
			fprintf(to, "\n%*s", indent, "");
			column = indent;
			first = true;
		}
		fprintf(to, "%s%.*s", first ? "" : " ", length, text);
		column += length + !first;
		first = false;
		text += length;
	}
	fputc('\n', to);
}

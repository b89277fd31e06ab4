/* SPDX-License-Identifier: MIT */
/* Describes a wrong setting, and what would be accepted, as a line of text. */
#include <string.h>
#include "shim/config/settings-read.h"

/* Number of bytes shown of the user's text. */
enum { SHOWN_MAX = 100 };

struct line {
	char *at;
	char *end; /* last byte of the buffer, kept for the NUL */
};

static void put_word(struct line *line, struct strview word)
{
	size_t room = (size_t)(line->end - line->at);
	size_t length = word.length < room ? word.length : room;

	memcpy(line->at, word.start, length);
	line->at += length;
	*line->at = '\0';
}

static void put_text(struct line *line, const char *text)
{
	put_word(line, strview_of(text));
}

static void put_number(struct line *line, unsigned n)
{
	char digits[12], *first = digits + sizeof(digits);

	*--first = '\0';
	do
		*--first = (char)('0' + n % 10);
	while (n /= 10);
	put_text(line, first);
}

static void put_foreign(struct line *line, struct strview word)
{
	bool cut = word.length > SHOWN_MAX;
	char *at = line->at;

	put_word(line, (struct strview){ word.start, cut ? SHOWN_MAX : word.length });
	for (; *at; at++)
		if ((unsigned char)*at < ' ' || *at == '\177')
			*at = '?';
	if (cut)
		put_text(line, "...");
}

static void put_families(struct line *line, const char *separator)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		put_text(line, i ? separator : "");
		put_text(line, families[i].name);
	}
}

/* Lists the variables that can be set in the configuration file. */
static void put_variables(struct line *line)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (i == SETTING_CONFIG)
			continue;
		put_text(line, i ? ", " : "");
		put_text(line, setting_specs[i].variable);
	}
}

static void put_accepted(struct line *line, const char *text)
{
	while (*text) {
		struct strview rest = strview_of(text);

		if (strview_skip_prefix(&rest, "FAMILY"))
			put_families(line, ", ");
		else if (strview_skip_prefix(&rest, "VARIABLES"))
			put_variables(line);
		else
			put_word(line, (struct strview){ rest.start++, 1 });
		text = rest.start;
	}
}

static struct line line_in(char *space, size_t size)
{
	*space = '\0';
	return (struct line){ space, space + size - 1 };
}

void setting_families(char *list, size_t size, const char *separator)
{
	struct line line = line_in(list, size);

	put_families(&line, separator);
}

/* Puts the file and line of the fault, and its whole text. */
static void put_place(struct line *line, const struct setting_fault *fault)
{
	if (fault->file) {
		put_text(line, fault->file);
		put_text(line, ":");
	}
	if (fault->line) {
		put_number(line, fault->line);
		put_text(line, ":");
	}
	if (fault->file)
		put_text(line, " ");
	if (!fault->text.length)
		return;
	put_foreign(line, fault->text);
	put_text(line, ": ");
}

void setting_fault_say(const struct setting_fault *fault, const char *consequence,
		       char text[SETTING_FAULT_MAX])
{
	struct line line = line_in(text, SETTING_FAULT_MAX);

	put_place(&line, fault);
	put_text(&line, consequence);
	if (fault->trouble) {
		put_text(&line, fault->trouble);
		return;
	}
	if (fault->wrong.length != fault->value.length) {
		put_text(&line, "'");
		put_foreign(&line, fault->wrong);
		put_text(&line, "' is wrong, ");
	}
	put_text(&line, "accepted is ");
	put_accepted(&line, fault->accepted);
}

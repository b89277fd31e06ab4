/* SPDX-License-Identifier: MIT */
/* String views: compares, splits, trims and parses pieces of text. */
#include <string.h>
#include "shim/base/strview.h"

struct strview strview_of(const char *text)
{
	return (struct strview){ text, strlen(text) };
}

bool strview_equals(struct strview word, const char *text)
{
	return strlen(text) == word.length && !memcmp(word.start, text, word.length);
}

bool strview_skip_prefix(struct strview *word, const char *prefix)
{
	size_t length = strlen(prefix);

	if (word->length < length || memcmp(word->start, prefix, length))
		return false;
	*word = (struct strview){ word->start + length, word->length - length };
	return true;
}

bool strview_split(struct strview *rest, char separator, struct strview *item)
{
	const char *end;

	*item = *rest;
	if (!rest->start)
		return false;
	end = memchr(rest->start, separator, rest->length);
	if (!end) {
		*rest = (struct strview){ NULL, 0 };
		return true;
	}
	item->length = (size_t)(end - rest->start);
	*rest = (struct strview){ end + 1, rest->length - item->length - 1 };
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct strview strview_trim(struct strview word)
{
	while (word.length && is_blank(word.start[0]))
		word = (struct strview){ word.start + 1, word.length - 1 };
	while (word.length && is_blank(word.start[word.length - 1]))
		word.length--;
	return word;
}

/*
 * Takes a number off the start of word. Returns false if there are no digits or the number is
 * larger than max.
 */
static bool take_number(struct strview *word, uint64_t max, uint64_t *n)
{
	size_t i;

	*n = 0;
	for (i = 0; i < word->length && word->start[i] >= '0' && word->start[i] <= '9'; i++) {
		uint64_t digit = (uint64_t)(word->start[i] - '0');

		if (digit > max || *n > (max - digit) / 10)
			return false;
		*n = *n * 10 + digit;
	}
	*word = (struct strview){ word->start + i, word->length - i };
	return i > 0;
}

bool strview_parse_number(struct strview word, uint64_t max, uint64_t *n)
{
	return take_number(&word, max, n) && !word.length;
}

uint64_t strview_leading_number(const char *text)
{
	struct strview word = { text, strlen(text) };
	uint64_t n;

	take_number(&word, UINT64_MAX, &n);
	return n;
}

static const struct unit {
	const char *name;
	int64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000 * 1000 },
	{ "s", 1000 * 1000 * 1000 },
	{ "m", 60 * 1000000000ll },
	{ "h", 3600 * 1000000000ll },
};

bool strview_parse_duration(struct strview word, int64_t max, int64_t *ns)
{
	uint64_t n;

	if (!take_number(&word, (uint64_t)max, &n) || !n)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strview_equals(word, units[i].name))
			continue;
		if (n > (uint64_t)(max / units[i].ns))
			return false;
		*ns = (int64_t)n * units[i].ns;
		return true;
	}
	return false;
}

bool strview_matches(struct strview pattern, const char *text)
{
	const char *at = pattern.start, *end = at + pattern.length;
	const char *star = NULL, *from = NULL;

	for (;;) {
		if (at < end && *at == '*') {
			star = ++at;
			from = text;
		} else if (*text && at < end && (*at == '?' || *at == *text)) {
			at++;
			text++;
		} else if (!*text && at == end) {
			return true;
		} else if (star && *from) {
			/* Let the last star match one more character. */
			at = star;
			text = ++from;
		} else {
			return false;
		}
	}
}

char *strview_put_number(char *at, uint64_t n)
{
	char digits[20];
	size_t count = 0;

	do
		digits[count++] = (char)('0' + n % 10);
	while (n /= 10);
	while (count)
		*at++ = digits[--count];
	return at;
}

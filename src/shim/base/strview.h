/* SPDX-License-Identifier: MIT */
/* String views: pieces of text with a length instead of a NUL, such as the items of a list. */
#ifndef SHIM_BASE_STRVIEW_H
#define SHIM_BASE_STRVIEW_H

#include "shim/base/base.h"

struct strview {
	const char *start;
	size_t length;
};

struct strview strview_of(const char *text);

bool strview_equals(struct strview word, const char *text);

/* Takes prefix off the start of *word. Returns false if it is not there. */
bool strview_skip_prefix(struct strview *word, const char *prefix);

/*
 * Moves the part of *rest before the separator, or all of it if there is no separator, to *item.
 * Returns false once nothing is left. An empty string gives one empty item.
 */
bool strview_split(struct strview *rest, char separator, struct strview *item);

/* Returns word without the blanks at either end. */
struct strview strview_trim(struct strview word);

/* Parses a decimal number of at most max. Returns false if word is anything else. */
bool strview_parse_number(struct strview word, uint64_t max, uint64_t *n);

/* Returns the decimal number that text begins with, 0 if it begins with none. */
uint64_t strview_leading_number(const char *text);

/*
 * Parses a number with a unit, as in 30s, into nanoseconds. Returns false if word is anything else,
 * is 0, or is longer than max nanoseconds.
 */
bool strview_parse_duration(struct strview word, int64_t max, int64_t *ns);

/* Returns true if pattern matches all of text. * matches any characters, ? exactly one. */
bool strview_matches(struct strview pattern, const char *text);

/* Writes the number in decimal, without a 0 at the end. Returns the place behind it. */
char *strview_put_number(char *at, uint64_t n);

#endif

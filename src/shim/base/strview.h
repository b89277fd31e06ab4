/* Stretches of text that end by their length, as the items of a list do. */
#ifndef SHIM_BASE_STRVIEW_H
#define SHIM_BASE_STRVIEW_H

#include "shim/base/base.h"

struct word {
	const char *start;
	size_t length;
};

struct word word_of(const char *text);

bool word_is(struct word word, const char *text);

/* Takes the prefix off, if it is there. */
bool word_skip(struct word *word, const char *prefix);

/*
 * Takes the part before the separator off rest, or all of it when there is
 * none. False once nothing is left; an empty rest is one empty item at first.
 */
bool word_next(struct word *rest, char separator, struct word *item);

/* Without blanks on either side. */
struct word word_trim(struct word word);

/* A number in decimal digits. */
bool word_number(struct word word, uint64_t max, uint64_t *n);

/* A number with a unit, as in 30s, in nanoseconds; not 0. */
bool word_duration(struct word word, int64_t max, int64_t *ns);

/* Whether the pattern, in which * and ? stand for others, describes all of text. */
bool word_matches(struct word pattern, const char *text);

#endif

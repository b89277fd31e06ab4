/* Stretches of text that end by their length, as the items of a list do. */
#ifndef SHIM_BASE_STRVIEW_H
#define SHIM_BASE_STRVIEW_H

#include "shim/base/base.h"

struct strview {
	const char *start;
	size_t length;
};

struct strview strview_of(const char *text);

bool strview_equals(struct strview word, const char *text);

/* Takes the prefix off, if it is there. */
bool strview_skip_prefix(struct strview *word, const char *prefix);

/*
 * Takes the part before the separator off rest, or all of it when there is
 * none. False once nothing is left; an empty rest is one empty item at first.
 */
bool strview_split(struct strview *rest, char separator, struct strview *item);

/* Without blanks on either side. */
struct strview strview_trim(struct strview word);

/* A number in decimal digits. */
bool strview_parse_number(struct strview word, uint64_t max, uint64_t *n);

/* A number with a unit, as in 30s, in nanoseconds; not 0. */
bool strview_parse_duration(struct strview word, int64_t max, int64_t *ns);

/* Whether the pattern, in which * and ? stand for others, describes all of text. */
bool strview_matches(struct strview pattern, const char *text);

#endif

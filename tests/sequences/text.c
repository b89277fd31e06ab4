/* SPDX-License-Identifier: MIT */
/*
 * Converts steps to text and back: CALL FIELD=VALUE..., so that a sequence can be kept, cut and run
 * again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sequences.h"

const char *const field_names[FIELDS] = {
	[F_SLOT] = "slot", [F_TO] = "to", [F_KIND] = "kind", [F_NAME] = "name", [F_OTHER] = "other",
	[F_LEN] = "len", [F_AT] = "at", [F_COUNT] = "count", [F_FLAGS] = "flags", [F_HOW] = "how",
	[F_PARTS] = "parts", [F_BUFFER] = "buffer", [F_WAIT] = "wait",
};

static const char *const buffer_names[] = {
	[B_NORMAL] = "normal", [B_ODD] = "odd", [B_NULL] = "null", [B_UNMAPPED] = "unmapped",
	[B_TAIL] = "tail", [B_READONLY] = "readonly",
};

static const char *const wait_names[] = {
	[W_SIGNAL] = "signal", [W_FEED] = "feed", [W_DRAIN] = "drain",
};

static const char *word_of(enum field f, long v)
{
	if (f == F_KIND)
		return kinds[v].name;
	if (f == F_BUFFER)
		return buffer_names[v];
	if (f == F_WAIT)
		return wait_names[v];
	return NULL;
}

int write_step(const struct step *s, char *text, size_t room)
{
	size_t n = snprintf(text, room, "%s", s->call->name);

	for (int f = 0; f < FIELDS && n < room; f++) {
		if (!(s->call->fields & 1U << f))
			continue;
		if (word_of(f, s->v[f]))
			n += snprintf(text + n, room - n, " %s=%s", field_names[f], word_of(f, s->v[f]));
		else
			n += snprintf(text + n, room - n, f == F_FLAGS ? " %s=%#lx" : " %s=%ld",
				      field_names[f], s->v[f]);
	}
	return n;
}

static bool find_word(const char *const *words, long count, const char *text, long *v)
{
	for (*v = 0; *v < count; ++*v)
		if (!strcmp(words[*v], text))
			return true;
	return false;
}

static bool read_value(enum field f, const char *text, long *v)
{
	char *end;

	if (f == F_BUFFER)
		return find_word(buffer_names, BUFFERS, text, v);
	if (f == F_WAIT)
		return find_word(wait_names, WAITS, text, v);
	if (f == F_KIND) {
		for (*v = 0; *v < (long)kinds_len; ++*v)
			if (!strcmp(kinds[*v].name, text))
				return true;
		return false;
	}
	*v = strtol(text, &end, 0);
	if ((f == F_SLOT || f == F_TO) && (*v < 0 || *v >= SLOTS))
		return false;
	if ((f == F_NAME || f == F_OTHER) && (*v < 0 || *v >= NAMES))
		return false;
	if (f == F_LEN && (*v < 0 || *v > ROOM))
		return false;
	if (f == F_PARTS && (*v < 0 || *v > PARTS))
		return false;
	return end != text && *end == '\0';
}

/* Returns false if the line is not a step. Fields that are not given are 0. */
bool read_step(const char *text, struct step *s)
{
	char line[300], *word, *at, *next;

	snprintf(line, sizeof(line), "%s", text);
	memset(s, 0, sizeof(*s));
	word = strtok_r(line, " \t\n", &next);
	s->call = word ? call_find(word) : NULL;
	if (!s->call)
		return false;
	while ((word = strtok_r(NULL, " \t\n", &next))) {
		int f = 0;

		at = strchr(word, '=');
		if (!at)
			return false;
		*at++ = '\0';
		while (f < FIELDS && strcmp(field_names[f], word))
			f++;
		if (f == FIELDS || !read_value(f, at, &s->v[f]))
			return false;
	}
	return true;
}

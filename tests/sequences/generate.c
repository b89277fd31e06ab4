/* SPDX-License-Identifier: MIT */
/* Generates the steps of a sequence from its seed; they do not depend on the results of steps. */
#include <string.h>

#include "sequences.h"

static uint64_t state;

/* splitmix64 */
static uint64_t next(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static long below(long n)
{
	return n > 0 ? (long)(next() % (uint64_t)n) : 0;
}

static bool in_100(int chance)
{
	return below(100) < chance;
}

/* The expected contents of the slots if all goes well: traits, 0 for nothing. */
static unsigned int held[SLOTS];

enum { HELD = 1U << 31 };	/* an unknown descriptor */

static int any_slot(unsigned int traits)
{
	int at = below(SLOTS);

	for (int i = 0; i < SLOTS; i++) {
		unsigned int has = held[(at + i) % SLOTS];

		if (has && (!traits || has & traits))
			return (at + i) % SLOTS;
	}
	return below(SLOTS);
}

static int empty_slot(void)
{
	int at = below(SLOTS);

	for (int i = 0; i < SLOTS; i++)
		if (!held[(at + i) % SLOTS])
			return (at + i) % SLOTS;
	return at;
}

static long weighted_kind(void)
{
	long sum = 0, at;

	for (unsigned int i = 0; i < kinds_len; i++)
		sum += kinds[i].weight;
	at = below(sum);
	for (unsigned int i = 0; i < kinds_len; i++)
		if ((at -= kinds[i].weight) < 0)
			return i;
	return 0;
}

static const struct call *weighted_call(void)
{
	const struct call *c;
	long sum = 0, at;

	for (unsigned int i = 0; (c = call_get(i)); i++)
		sum += c->weight;
	at = below(sum);
	for (unsigned int i = 0; (c = call_get(i)); i++)
		if ((at -= c->weight) < 0)
			return c;
	return call_get(0);
}

static long some_length(void)
{
	static const long lengths[] = {
		0, 1, 5, 8, 8, 16, 64, 100, 100, 100, 511, 512, 512, 1000, 4095, 4096, 4096, 5000,
		8192, 10000, 20000, 65536, 70000, 131072, 200000,
	};

	return lengths[below(sizeof(lengths) / sizeof(lengths[0]))];
}

static long some_place(void)
{
	static const long places[] = {
		-1, -1, 0, 0, 0, 1, 100, 512, 4096, 9999, 10000, 10001, 50000, 200000, -2, -4096,
	};

	return places[below(sizeof(places) / sizeof(places[0]))];
}

static enum buffer some_buffer(void)
{
	long at = below(100);

	if (at < 76)
		return B_NORMAL;
	return at < 90 ? B_ODD : at < 92 ? B_NULL : at < 94 ? B_UNMAPPED : at < 98 ? B_TAIL : B_READONLY;
}

static long some_flags(const struct call *c)
{
	long n = 0;

	while (c->flags && c->flags[n] != -1)
		n++;
	return n ? c->flags[in_100(50) ? 0 : below(n)] : 0;
}

/* O_DIRECT needs whole blocks, so most steps are aligned. */
static void align(struct step *s)
{
	if (in_100(15))
		return;
	s->v[F_LEN] &= ~511L;
	if (s->v[F_AT] > 0)
		s->v[F_AT] &= ~511L;
	if (s->v[F_BUFFER] == B_ODD)
		s->v[F_BUFFER] = B_NORMAL;
	if (s->v[F_PARTS] > 1)
		s->v[F_PARTS] = 1;
}

static bool gives_descriptor(const struct call *c)
{
	static const char *const names[] = { "dup", "accept", "accept4", "open", "openat", "creat" };

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(c->name, names[i]))
			return true;
	return false;
}

static void make_arguments(struct step *s)
{
	const struct call *c = s->call;

	s->v[F_SLOT] = any_slot(in_100(88) ? c->suits : 0);
	if (in_100(4))
		s->v[F_SLOT] = below(SLOTS);
	s->v[F_TO] = gives_descriptor(c) ? empty_slot()
		     : any_slot(!strcmp(c->name, "connect") && in_100(85) ? T_LISTENER
				: c->suits & T_PIPE ? T_PIPE | T_FILE : 0);
	s->v[F_NAME] = below(NAMES);
	s->v[F_OTHER] = below(NAMES);
	s->v[F_LEN] = some_length();
	s->v[F_AT] = some_place();
	s->v[F_COUNT] = in_100(90) ? some_length() : -1;
	s->v[F_FLAGS] = some_flags(c);
	s->v[F_HOW] = c->hows ? in_100(40) ? 0 : below(c->hows) : 0;
	s->v[F_PARTS] = in_100(95) ? 1 + below(PARTS) : 0;
	s->v[F_BUFFER] = some_buffer();
	s->v[F_WAIT] = in_100(50) ? W_SIGNAL : c->direction == D_OUT ? W_DRAIN : W_FEED;
	if (s->v[F_BUFFER] != B_NORMAL)
		s->v[F_WAIT] = W_SIGNAL;
	if (held[s->v[F_SLOT]] & T_ALIGNED)
		align(s);
	/* The size at which the file is truncated. */
	if (!strcmp(c->name, "limit") && s->v[F_AT] < 512)
		s->v[F_AT] = 12000;
}

/* The first end of a pipe reads and the second writes. */
static void make_kind(struct step *s, long kind)
{
	const struct kind *k = &kinds[kind];
	bool pipes = k->traits & T_PIPE;

	s->v[F_KIND] = kind;
	s->v[F_SLOT] = empty_slot();
	held[s->v[F_SLOT]] = HELD | (k->traits & ~(pipes ? (unsigned int)T_WRITES : 0));
	s->v[F_TO] = empty_slot();
	if (k->pairs)
		held[s->v[F_TO]] = HELD | (k->traits & ~(pipes ? (unsigned int)T_READS : 0));
}

static void make_step(struct step *s, const struct call *c)
{
	*s = (struct step){ .call = c };
	make_arguments(s);
	if (!strcmp(c->name, "make")) {
		make_kind(s, weighted_kind());
	} else if (!strcmp(c->name, "close") || !strcmp(c->name, "fclose")) {
		held[s->v[F_SLOT]] = 0;
	} else if (!strcmp(c->name, "dup") || !strcmp(c->name, "dup2")) {
		held[s->v[F_TO]] = held[s->v[F_SLOT]];
	} else if (!strncmp(c->name, "accept", 6)) {
		held[s->v[F_TO]] = HELD | kind_accepted->traits;
	} else if (gives_descriptor(c)) {
		held[s->v[F_TO]] = HELD | kind_named->traits;
	}
	for (int f = 0; f < FIELDS; f++)
		if (!(c->fields & 1U << f))
			s->v[f] = 0;
}

unsigned int generate(uint64_t seed, struct step *steps)
{
	unsigned int made = 3 + seed % 3, count;

	state = seed * 0x2545f4914f6cdd1d;
	memset(held, 0, sizeof(held));
	count = made + 20 + below(25);
	for (unsigned int i = 0; i < count; i++)
		make_step(&steps[i], i < made ? call_find("make") : weighted_call());
	return count;
}

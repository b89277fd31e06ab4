/* SPDX-License-Identifier: MIT */
/* Parses the values of settings: each row of settings.def has a parse_ function here. */
#include <string.h>
#include "shim/config/settings-read.h"

enum { ENTRIES_MAX = 4096, CPU_MAX = 8191 };

static const int64_t millisecond = 1000 * 1000;
static const int64_t hour = 3600 * 1000000000ll;
static const int64_t timeout_max = 100000 * 3600 * 1000000000ll;

static bool parse_route(struct settings *s, struct strview value, struct strview *wrong)
{
	static const char *const routes[] = {
		[ROUTE_RING] = "ring",
		[ROUTE_AUTO] = "auto",
		[ROUTE_DIRECT] = "direct",
	};

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!strview_equals(value, routes[i]))
			continue;
		s->route = (enum route_setting)i;
		s->route_is_given = true;
		return true;
	}
	return false;
}

static bool is_family(struct strview name)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++)
		if (strview_equals(name, families[i].name))
			return true;
	return false;
}

static bool is_call(struct strview name)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (strview_equals(name, call_names[i].name))
			return true;
	return false;
}

/* A name that selects some of the calls. No family has the name of a call. */
struct choice {
	struct strview name;
	bool all;
	bool family;
};

static bool choice_of(struct choice *choice, struct strview name)
{
	choice->name = name;
	choice->all = strview_equals(name, "all");
	choice->family = is_family(name);
	return choice->all || choice->family || is_call(name);
}

static bool is_chosen(const struct choice *choice, size_t call)
{
	const struct call_name *c = &call_names[call];

	return choice->all ||
		strview_equals(choice->name, choice->family ? families[c->family].name : c->name);
}

static void default_calls(bool calls[CALL_COUNT], bool on)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (families[call_names[i].family].on)
			calls[i] = on;
}

static bool choose_calls(bool calls[CALL_COUNT], struct strview item)
{
	bool on = !strview_skip_prefix(&item, "-");
	struct choice choice;

	if (strview_equals(item, "default")) {
		default_calls(calls, on);
		return true;
	}
	if (!choice_of(&choice, item))
		return false;
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (is_chosen(&choice, i))
			calls[i] = on;
	return true;
}

static bool leaves_out(struct strview list)
{
	return strview_skip_prefix(&list, "-");
}

static bool parse_calls(struct settings *s, struct strview value, struct strview *wrong)
{
	bool calls[CALL_COUNT] = { false };

	if (leaves_out(value))
		default_calls(calls, true);
	while (strview_split(&value, ',', wrong))
		if (!choose_calls(calls, *wrong))
			return false;
	memcpy(s->calls, calls, sizeof(calls));
	return true;
}

static bool set_timeouts(int64_t timeouts[CALL_COUNT], struct strview item)
{
	struct choice choice;
	struct strview name;
	int64_t ns = 0;

	if (!strview_split(&item, '=', &name) || !choice_of(&choice, name))
		return false;
	if (!item.start ||
	    (!strview_equals(item, "none") && !strview_parse_duration(item, timeout_max, &ns)))
		return false;
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (is_chosen(&choice, i))
			timeouts[i] = ns;
	return true;
}

static bool parse_timeout(struct settings *s, struct strview value, struct strview *wrong)
{
	int64_t timeouts[CALL_COUNT] = { 0 };

	while (strview_split(&value, ',', wrong))
		if (!set_timeouts(timeouts, *wrong))
			return false;
	memcpy(s->timeouts, timeouts, sizeof(timeouts));
	return true;
}

static bool parse_entries(struct ring_setting *ring, struct strview value)
{
	uint64_t n;

	if (!strview_parse_number(value, ENTRIES_MAX, &n) || !n || n & (n - 1))
		return false;
	ring->entries = (unsigned)n;
	return true;
}

static bool parse_idle(struct ring_setting *ring, struct strview value)
{
	int64_t ns;

	if (!strview_parse_duration(value, hour, &ns) || ns % millisecond)
		return false;
	ring->sqpoll = true;
	ring->sqpoll_idle_ms = (unsigned)(ns / millisecond);
	return true;
}

static bool parse_cpu(struct ring_setting *ring, struct strview value)
{
	uint64_t n;

	if (!strview_parse_number(value, CPU_MAX, &n))
		return false;
	ring->sqpoll_cpu = (int)n;
	return true;
}

static bool parse_ring_item(struct ring_setting *ring, struct strview item)
{
	if (strview_skip_prefix(&item, "entries="))
		return parse_entries(ring, item);
	if (strview_skip_prefix(&item, "sqpoll="))
		return parse_idle(ring, item);
	if (strview_skip_prefix(&item, "sqpoll-cpu="))
		return parse_cpu(ring, item);
	ring->sqpoll = strview_equals(item, "sqpoll");
	return ring->sqpoll;
}

static bool parse_ring(struct settings *s, struct strview value, struct strview *wrong)
{
	struct ring_setting ring = { .entries = RING_ENTRIES, .sqpoll_cpu = -1 };
	struct strview all = value;

	while (strview_split(&value, ',', wrong))
		if (!parse_ring_item(&ring, *wrong))
			return false;
	*wrong = all;
	if (ring.sqpoll_cpu >= 0 && !ring.sqpoll)
		return false;
	s->ring = ring;
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_program(const struct settings *s, struct strview pattern)
{
	for (size_t i = 0; i < 2; i++) {
		const char *name = s->program_names[i];

		if (strview_matches(pattern, name ? base_name(name) : ""))
			return true;
	}
	return false;
}

static bool parse_programs(struct settings *s, struct strview value, struct strview *wrong)
{
	bool participates = leaves_out(value);

	while (strview_split(&value, ',', wrong)) {
		struct strview pattern = *wrong;
		bool on = !strview_skip_prefix(&pattern, "-");

		if (!pattern.length || memchr(pattern.start, '/', pattern.length))
			return false;
		if (is_program(s, pattern))
			participates = on;
	}
	s->participates = participates;
	return true;
}

/* Parses a size: a number of bytes, with k or m behind it for 1024 and 1024 * 1024. */
static bool parse_size(unsigned *size, struct strview value, unsigned min, unsigned max)
{
	unsigned unit = 1;
	uint64_t n;

	if (value.length && (value.start[value.length - 1] | 32) == 'k')
		unit = 1024;
	else if (value.length && (value.start[value.length - 1] | 32) == 'm')
		unit = 1024 * 1024;
	value.length -= unit > 1;
	if (!strview_parse_number(value, max / unit, &n) || n * unit < min)
		return false;
	*size = (unsigned)n * unit;
	return true;
}

static bool parse_depth(unsigned *depth, struct strview value)
{
	uint64_t n;

	if (!strview_parse_number(value, 128, &n) || !n)
		return false;
	*depth = (unsigned)n;
	return true;
}

static bool parse_ahead_item(struct ahead_setting *ahead, struct strview item)
{
	static const struct {
		const char *name;
		unsigned kind;
	} kinds[] = {
		{ "list", AHEAD_LIST },		{ "arguments", AHEAD_ARGUMENTS },
		{ "sequence", AHEAD_SEQUENCE }, { "start", AHEAD_START },
		{ "network", AHEAD_NETWORK },	{ "sync", AHEAD_SYNC },
		{ "ordered", AHEAD_ORDERED },
	};
	bool on = !strview_skip_prefix(&item, "-");

	if (on && strview_skip_prefix(&item, "depth="))
		return parse_depth(&ahead->depth, item);
	if (on && strview_skip_prefix(&item, "bytes="))
		return parse_size(&ahead->bytes, item, 4096, 16 * 1024 * 1024);
	if (on && (strview_equals(item, "0") || strview_equals(item, "1"))) {
		ahead->kinds = strview_equals(item, "1") ? AHEAD_ALL : 0;
		return true;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strview_equals(item, kinds[i].name))
			continue;
		ahead->kinds = on ? ahead->kinds | kinds[i].kind : ahead->kinds & ~kinds[i].kind;
		return true;
	}
	return false;
}

/* Returns true if the list names nothing that it wants, only limits and what to leave out. */
static bool is_only_limits(struct strview list)
{
	struct strview item;

	while (strview_split(&list, ',', &item))
		if (!strview_skip_prefix(&item, "-") && !strview_skip_prefix(&item, "depth=") &&
		    !strview_skip_prefix(&item, "bytes=") && !strview_equals(item, "network") &&
		    !strview_equals(item, "ordered"))
			return false;
	return true;
}

static bool parse_ahead(struct settings *s, struct strview value, struct strview *wrong)
{
	struct ahead_setting ahead = { .depth = 32, .bytes = 128 * 1024 };

	if (is_only_limits(value))
		ahead.kinds = AHEAD_ALL;
	while (strview_split(&value, ',', wrong))
		if (!parse_ahead_item(&ahead, *wrong))
			return false;
	s->ahead = ahead;
	return true;
}

/* Copies the name of a file, because the environment may change later. */
static bool parse_file(char place[SETTING_FILE_MAX], const char **file, struct strview value)
{
	if (value.length >= SETTING_FILE_MAX)
		return false;
	*file = NULL;
	if (!value.length)
		return true;
	memcpy(place, value.start, value.length);
	place[value.length] = '\0';
	*file = place;
	return true;
}

static bool parse_switch(bool *place, struct strview value)
{
	if (!strview_equals(value, "0") && !strview_equals(value, "1"))
		return false;
	*place = strview_equals(value, "1");
	return true;
}

/* The parse_ functions of the switches and of the names of files. */
#define SETTING(...)
#define SWITCH_SETTING(NAME, name, ...)                                                           \
	static bool parse_##name(struct settings *s, struct strview value, struct strview *wrong) \
	{                                                                                         \
		return parse_switch(&s->name, value);                                             \
	}
#define FILE_SETTING(NAME, name, ...)                                                             \
	static bool parse_##name(struct settings *s, struct strview value, struct strview *wrong) \
	{                                                                                         \
		static char file[SETTING_FILE_MAX];                                               \
                                                                                                  \
		return parse_file(file, &s->name, value);                                         \
	}
#include "shim/config/settings.def"

const struct setting_spec setting_specs[SETTING_COUNT] = {
#define SETTING(NAME, name, form, default_value, right, ...) \
	[SETTING_##NAME] = {                                 \
		.variable = "RINGSHIM_" #NAME,               \
		.value = form,                               \
		.fallback = default_value,                   \
		.accepted = right,                           \
		.parse = parse_##name,                       \
	},
#include "shim/config/settings.def"
};

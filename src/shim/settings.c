#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
#include "shim/log.h"
#include "shim/settings.h"

struct settings settings;

enum { TEXT_MAX = 4096 };
static char texts[2][TEXT_MAX];

/* The environment may change later, so what must last is copied. */
static const char *keep(char *place, const char *value)
{
	size_t len = strlen(value);

	if (!len || len >= TEXT_MAX)
		return NULL;
	return memcpy(place, value, len + 1);
}

static bool set_route(const char *value)
{
	if (!strcmp(value, "ring"))
		settings.route = ROUTE_RING;
	else if (!strcmp(value, "direct"))
		settings.route = ROUTE_DIRECT;
	else
		return false;
	return true;
}

static bool set_stats(const char *value)
{
	settings.stats = keep(texts[0], value);
	return settings.stats;
}

static bool set_log(const char *value)
{
	settings.log = keep(texts[1], value);
	return settings.log;
}

static bool set_switch(bool *place, const char *value)
{
	*place = !strcmp(value, "1");
	return *place || !strcmp(value, "0");
}

static bool set_check(const char *value)
{
	return set_switch(&settings.check_descriptors, value);
}

static bool set_risk(const char *value)
{
	return set_switch(&settings.risk_shared_position, value);
}

static const struct setting {
	const char *name;
	bool (*set)(const char *value);
	const char *accepted;
} known[] = {
	{ "RINGSHIM_ROUTE", set_route, "ring or direct" },
	{ "RINGSHIM_STATS", set_stats, "the name of a file" },
	{ "RINGSHIM_LOG", set_log, "the name of a file" },
	{ "RINGSHIM_CHECK_DESCRIPTORS", set_check, "0 or 1" },
	{ "RINGSHIM_RISK_SHARED_POSITION", set_risk, "0 or 1" },
};

static const char *value_of(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(entry, name, len) && entry[len] == '=' ? entry + len + 1 : NULL;
}

void settings_start(void)
{
	if (getauxval(AT_SECURE) || !environ)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		for (char **entry = environ; *entry; entry++) {
			const char *value = value_of(*entry, known[i].name);

			if (!value)
				continue;
			if (!known[i].set(value))
				log_setting(known[i].name, value, known[i].accepted);
			break;
		}
	}
}

bool settings_call(enum call call)
{
	return settings.route == ROUTE_RING && families[call_names[call].family].on;
}

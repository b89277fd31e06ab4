/* SPDX-License-Identifier: MIT */
/*
 * Parses the settings as the preload library does, without the library.
 *
 *	settings [NAME]			prints the values in this environment for a program
 *					of that name; errors go to standard error
 *	settings --table		prints the table of settings
 *	settings --fuzz SEED COUNT	tries random values: an invalid one changes nothing
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "shim/config/settings-read.h"

static struct settings now;

static void hear(void *arg, const struct setting_fault *fault)
{
	char line[SETTING_FAULT_MAX];

	setting_fault_say(fault, "", line);
	fprintf(stderr, "%s\n", line);
}

static void print_calls(void)
{
	printf("calls");
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (now.calls[i])
			printf(" %s", call_names[i].name);
	printf("\ntimeouts");
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (now.timeouts[i])
			printf(" %s=%lld", call_names[i].name, (long long)now.timeouts[i]);
	printf("\n");
}

static void print_settings(void)
{
	static const char *const routes[] = { "ring", "auto", "direct" };

	settings_read(&now, environ, hear, NULL);
	printf("route %s\n", routes[now.route]);
	print_calls();
	printf("ring entries %u, sqpoll %d, idle %u ms, cpu %d\n", now.ring.entries,
	       now.ring.sqpoll, now.ring.sqpoll_idle_ms, now.ring.sqpoll_cpu);
	printf("ahead kinds %#x, depth %u, bytes %u\n", now.ahead.kinds, now.ahead.depth,
	       now.ahead.bytes);
	printf("participates %d\n", now.participates);
#define SETTING(...)
#define SWITCH_SETTING(NAME, name, ...) printf(#name " %d\n", now.name);
#define FILE_SETTING(NAME, name, ...) printf(#name " %s\n", now.name ? now.name : "none");
#include "shim/config/settings.def"
}

/* Prints variable, value and default, separated by tabs. */
static void print_table(void)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_spec *spec = &setting_specs[i];

		printf("%s\t%s\t%s\n", spec->variable, spec->value, spec->fallback);
	}
}

static const char *piece(void)
{
	static const char *const pieces[] = {
		"", "0", "1", "4096", "18446744073709551616", "9223372036854775807", "ns", "us",
		"ms", "s", "m", "h", ",", ",", ",", "-", "-", "=", "=", "*", "?", "/", " ", "all", "none",
		"default", "file", "socket", "wait", "read", "connect", "ring", "auto", "direct",
		"entries", "entries=8", "sqpoll", "sqpoll-cpu", "bash", "\303\244", "\n", "\001",
	};

	return pieces[(size_t)random() % (sizeof(pieces) / sizeof(pieces[0]))];
}

/* Allocates exactly the length of the value, so that a sanitizer sees a read behind it. */
static struct strview random_value(void)
{
	char text[256] = "";
	struct strview value;
	char *place;

	for (long i = random() % 8; i >= 0; i--)
		strcat(text, piece());
	value = strview_of(text);
	place = malloc(value.length + !value.length);
	if (!place)
		exit(1);
	memcpy(place, text, value.length);
	value.start = place;
	return value;
}

static void fail(const char *what, const struct setting_spec *spec, struct strview value)
{
	printf("%s: %s=%.*s\n", what, spec->variable, (int)value.length, value.start);
	exit(1);
}

/* The message about an invalid value must be one line. */
static void check_message(const struct setting_spec *spec, struct strview value, struct strview wrong)
{
	const struct setting_fault fault = {
		.text = value, .value = value, .wrong = wrong, .accepted = spec->accepted,
	};
	char line[SETTING_FAULT_MAX];

	setting_fault_say(&fault, "", line);
	if (strchr(line, '\n') || strlen(line) > 1000)
		fail("message", spec, value);
}

static void fuzz(unsigned seed, long count)
{
	static struct settings before;
	long accepted = 0;

	srandom(seed);
	for (long i = 0; i < count; i++) {
		const struct setting_spec *spec = &setting_specs[random() % SETTING_COUNT];
		struct strview value = random_value(), wrong = value;

		before = now;
		if (spec->parse(&now, value, &wrong)) {
			accepted++;
			before = now;
			if (!spec->parse(&now, value, &wrong))
				fail("accepted once only", spec, value);
		} else {
			check_message(spec, value, wrong);
		}
		if (memcmp(&before, &now, sizeof(now)))
			fail("changed", spec, value);
		free((char *)value.start);
	}
	printf("%ld of %ld accepted\n", accepted, count);
}

int main(int argc, char **argv)
{
	now.program_names[0] = argc > 1 ? argv[1] : argv[0];
	settings_default(&now);
	if (argc > 1 && !strcmp(argv[1], "--table"))
		print_table();
	else if (argc > 3 && !strcmp(argv[1], "--fuzz"))
		fuzz((unsigned)atol(argv[2]), atol(argv[3]));
	else
		print_settings();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Makes the options for the shim's settings from settings.def, and checks their values. */
#include "config.h"

#include "cli/settings.h"

#include "cli/paths.h"
#include "shim/config/settings-read.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const helps[] = {
#define SETTING(NAME, name, value, fallback, accepted, help) [SETTING_##NAME] = help,
#include "shim/config/settings.def"
};

static void say_fault(const struct setting_fault *fault)
{
	char line[SETTING_FAULT_MAX];

	setting_fault_say(fault, "", line);
	say("%s", line);
}

/*
 * Checks that the shim can write to the file value: it is not a directory, and its directory
 * exists. where: name of the option or variable, for the message.
 */
static int check_writable(const char *where, const char *value)
{
	char *path = path_absolute(value);
	char *directory = path_directory(path);
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		say("%s=%s: it is a directory; a file name is needed", where, value);
	else if (access(directory, F_OK))
		say("%s=%s: there is no directory %s", where, value, directory);
	else
		return 0;
	return EXIT_USAGE;
}

/* Results of parsing an option; after settings_check(), CMD's settings. */
static struct settings scratch;

/* The members of scratch that hold names of files; NULL for the other settings. */
static const char *const *const files[SETTING_COUNT] = {
#define SETTING(...)
#define FILE_SETTING(NAME, name, ...) [SETTING_##NAME] = &scratch.name,
#include "shim/config/settings.def"
};

static int take_setting(void *into, const struct option_spec *option, const char *given)
{
	const struct setting_spec *spec = option->data;
	struct strview value = strview_of(given ? given : "1"), wrong = value;
	char *name = text("--%s", option->name);

	if (!spec->parse(&scratch, value, &wrong)) {
		say_fault(&(struct setting_fault){
			.text = strview_of(text("%s=%s", name, value.start)),
			.value = value,
			.wrong = wrong,
			.accepted = spec->accepted,
		});
		return EXIT_USAGE;
	}
	if (!value.length || !files[spec - setting_specs]) {
		variables_set(into, spec->variable, value.start);
		return 0;
	}
	/* CMD can change its working directory, so make the path absolute. */
	variables_set(into, spec->variable, path_absolute(value.start));
	if (spec == &setting_specs[SETTING_CONFIG])
		return 0;
	return check_writable(name, value.start);
}

static void hear(void *arg, const struct setting_fault *fault)
{
	int *status = arg;

	if (!*status)
		say_fault(fault);
	*status = EXIT_USAGE;
}

int settings_check(const struct variables *variables)
{
	int status = 0;

	settings_default(&scratch);
	settings_read(&scratch, variables_environment(variables), hear, &status);
	for (size_t i = 0; i < SETTING_COUNT && !status; i++)
		if (i != SETTING_CONFIG && files[i] && *files[i])
			status = check_writable(setting_specs[i].variable, *files[i]);
	return status;
}

bool settings_fetch_ahead(void)
{
	return scratch.ahead.kinds & AHEAD_ALL;
}

bool settings_sync_ahead(void)
{
	return scratch.ahead.kinds & AHEAD_SYNC;
}

bool settings_sync_at_exit(void)
{
	return scratch.risk_sync_at_exit;
}

const char *settings_stats_file(void)
{
	return scratch.stats;
}

static char *help_of(enum setting setting)
{
	const struct setting_spec *spec = &setting_specs[setting];
	const char *fallback = *spec->fallback ? spec->fallback : "none";
	char names[256];

	if (!strstr(spec->value, "FAMILY"))
		return text("%s\ndefault: %s", helps[setting], fallback);
	setting_families(names, sizeof(names), ", ");
	return text("%s\nFAMILY: %s\ndefault: %s", helps[setting], names, fallback);
}

/* Returns the option of a variable: check-descriptors for RINGSHIM_CHECK_DESCRIPTORS. */
static char *option_of(const char *variable)
{
	char *name = text("%s", variable + strlen("RINGSHIM_"));

	for (char *at = name; *at; at++)
		*at = *at == '_' ? '-' : (char)tolower(*at);
	return name;
}

const struct option_spec *settings_options(void)
{
	static struct option_spec options[SETTING_COUNT + 1];

	for (size_t i = 0; i < SETTING_COUNT && !options[i].name; i++)
		options[i] = (struct option_spec){
			.name = option_of(setting_specs[i].variable),
			.value = setting_specs[i].value,
			.value_optional = !strncmp(setting_specs[i].value, "0|1", 3),
			.help = help_of((enum setting)i),
			.take = take_setting,
			.data = &setting_specs[i],
		};
	return options;
}

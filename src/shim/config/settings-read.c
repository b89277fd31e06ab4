/* SPDX-License-Identifier: MIT */
/* Reads settings from the configuration file and from the environment. */
#include <string.h>
#include "shim/config/settings-file.h"
#include "shim/config/settings-read.h"

void settings_default(struct settings *s)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_spec *spec = &setting_specs[i];
		struct strview wrong;

		/* The default is a constant and need not be copied. */
		if (i == SETTING_CONFIG)
			s->config = *spec->fallback ? spec->fallback : NULL;
		else
			spec->parse(s, strview_of(spec->fallback), &wrong);
	}
	s->route_is_given = false;
}

/* The origin of settings, and the function that is called for each fault in them. */
struct source {
	struct settings *settings;
	const char *file;
	unsigned line;
	void (*report_fault)(void *arg, const struct setting_fault *fault);
	void *arg;
};

static void report_fault(const struct source *source, struct setting_fault fault)
{
	fault.file = source->file;
	fault.line = source->line;
	source->report_fault(source->arg, &fault);
}

static void set_value(const struct source *source, const struct setting_spec *spec,
		      struct strview text, struct strview value)
{
	struct strview wrong = value;

	if (!spec->parse(source->settings, value, &wrong))
		report_fault(source,
			     (struct setting_fault){
				     .text = text,
				     .value = value,
				     .wrong = wrong,
				     .accepted = spec->accepted,
			     });
}

/* Returns the setting that text (NAME=VALUE) is for, or SETTING_COUNT if there is none. */
static enum setting setting_of(struct strview text, struct strview *value)
{
	size_t i;

	for (i = 0; i < SETTING_COUNT; i++) {
		*value = text;
		if (strview_skip_prefix(value, setting_specs[i].variable) &&
		    strview_skip_prefix(value, "="))
			break;
	}
	return (enum setting)i;
}

static void set_line(const struct source *source, struct strview line)
{
	struct strview value;
	enum setting setting = setting_of(line, &value);

	if (setting != SETTING_COUNT && setting != SETTING_CONFIG)
		set_value(source, &setting_specs[setting], line, value);
	else
		report_fault(
			source,
			(struct setting_fault){
				.text = line,
				.accepted = "a comment after #, or NAME=VALUE with one of VARIABLES",
			});
}

static void read_lines(struct source *source, struct strview text)
{
	struct strview line;

	while (strview_split(&text, '\n', &line)) {
		source->line++;
		line = strview_trim(line);
		if (line.length && line.start[0] != '#')
			set_line(source, line);
	}
}

/* Reads the configuration file. It can be missing unless the user named it. */
static void read_file(struct source source, bool named)
{
	struct strview text = { NULL, 0 };
	int err;

	source.file = source.settings->config;
	if (!source.file)
		return;
	err = settings_file_load(source.file, &text);
	if (!err) {
		read_lines(&source, text);
		settings_file_unload(text);
	} else if (named || (err != -ENOENT && err != -ENOTDIR)) {
		report_fault(&source,
			     (struct setting_fault){ .trouble = settings_file_trouble(err) });
	}
}

/*
 * Reads RINGSHIM_CONFIG if config is true, else all other variables. Returns true if it has read
 * RINGSHIM_CONFIG. If a variable occurs more than once, the first one counts, as for getenv(3).
 */
static bool read_variables(const struct source *source, char **environment, bool config)
{
	bool seen[SETTING_COUNT] = { false };

	for (; *environment; environment++) {
		enum setting setting;
		struct strview value;

		if (strncmp(*environment, "RINGSHIM_", strlen("RINGSHIM_")))
			continue;
		setting = setting_of(strview_of(*environment), &value);
		if (setting == SETTING_COUNT || seen[setting] ||
		    config != (setting == SETTING_CONFIG))
			continue;
		seen[setting] = true;
		set_value(source, &setting_specs[setting], strview_of(*environment), value);
	}
	return seen[SETTING_CONFIG];
}

/* Calls that are answered from proof, or void one, must not pass the functions by that do so. */
static void keep_direct(struct settings *s)
{
	static const enum call answered[] = {
		CALL_fsync,
		CALL_fdatasync,
		CALL_sync_file_range,
		CALL_posix_fadvise,
	};
	static const enum call voids[] = {
		CALL_rename, CALL_renameat, CALL_renameat2, CALL_link,
		CALL_linkat, CALL_unlink,   CALL_unlinkat,
	};

	for (size_t i = 0; i < sizeof(answered) / sizeof(answered[0]); i++)
		s->calls[answered[i]] = false;
	for (size_t i = 0; s->ahead.kinds & AHEAD_ORDERED && i < sizeof(voids) / sizeof(voids[0]);
	     i++)
		s->calls[voids[i]] = false;
}

void settings_read(struct settings *s, char **environment,
		   void (*hear)(void *arg, const struct setting_fault *fault), void *arg)
{
	const struct source source = { .settings = s, .report_fault = hear, .arg = arg };
	bool named = read_variables(&source, environment, true);

	read_file(source, named);
	read_variables(&source, environment, false);
	/* Who runs ahead wants the calls to be fast. */
	if (s->ahead.kinds && !s->route_is_given)
		s->route = ROUTE_AUTO;
	if (s->ahead.kinds & AHEAD_SYNC)
		keep_direct(s);
}

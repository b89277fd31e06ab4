/* SPDX-License-Identifier: MIT */
/*
 * Reads settings, for the preload library and for the command. Nothing here prints, allocates
 * with malloc, or calls getenv.
 */
#ifndef SHIM_CONFIG_SETTINGS_READ_H
#define SHIM_CONFIG_SETTINGS_READ_H

#include "shim/config/settings.h"
#include "shim/base/strview.h"

enum setting {
#define SETTING(NAME, ...) SETTING_##NAME,
#include "shim/config/settings.def"
	SETTING_COUNT
};

struct setting_spec {
	const char *variable;
	const char *value;
	const char *fallback;
	const char *accepted;
	/* Returns false and changes nothing if value is wrong; *wrong is then its wrong part. */
	bool (*parse)(struct settings *s, struct strview value, struct strview *wrong);
};

extern const struct setting_spec setting_specs[SETTING_COUNT];

/* A fault in the settings, and what would be right. */
struct setting_fault {
	const char *file; /* the file that contains it, or NULL */
	unsigned line;
	const char *trouble; /* what is wrong with the file itself, or NULL */
	struct strview text; /* the whole setting, NAME=VALUE */
	struct strview value;
	struct strview wrong; /* the wrong part of value */
	const char *accepted;
};

enum { SETTING_FAULT_MAX = SETTING_FILE_MAX + 1024 };

/*
 * Writes a description of the fault to text, as a line without a newline. The user's text is
 * shortened, and its control characters are replaced, so that it cannot harm a terminal.
 * consequence is "" or says what follows from the fault.
 */
void setting_fault_say(const struct setting_fault *fault, const char *consequence,
		       char text[SETTING_FAULT_MAX]);

/* Writes the names of the families of calls to list, with separator between them. */
void setting_families(char *list, size_t size, const char *separator);

/* Fills in the defaults. */
void settings_default(struct settings *s);

/*
 * Reads the configuration file and then the environment, which takes precedence. Wrong settings
 * are ignored; hear is called for each of them.
 */
void settings_read(struct settings *s, char **environment,
		   void (*hear)(void *arg, const struct setting_fault *fault), void *arg);

#endif

/*
 * How settings are read; the preload library and the command have this in
 * common. Nothing here prints, allocates with malloc, or calls getenv.
 */
#ifndef SHIM_CONFIG_SETTINGS_READ_H
#define SHIM_CONFIG_SETTINGS_READ_H

#include "shim/config/settings.h"
#include "shim/base/strview.h"

enum setting {
#define SETTING(NAME, ...) SETTING_##NAME,
#include "shim/config/settings.def"
#undef SETTING
	SETTING_COUNT
};

struct setting_spec {
	const char *variable;
	const char *option;
	const char *value;
	const char *fallback;
	const char *accepted;
	/* Changes nothing when the value is wrong; *wrong is then what is wrong in it. */
	bool (*parse)(struct settings *s, struct strview value, struct strview *wrong);
};

extern const struct setting_spec setting_specs[SETTING_COUNT];

/* Something that was wrong, and what would be right. */
struct setting_fault {
	const char *file;		/* where it stands, or NULL */
	unsigned line;
	const char *trouble;		/* with the file itself, or NULL */
	struct strview text;		/* all of it, NAME=VALUE */
	struct strview value;
	struct strview wrong;		/* what is wrong in the value */
	const char *accepted;
};

enum { SETTING_FAULT_MAX = SETTING_FILE_MAX + 1024 };

/*
 * Makes a line of it, without a line feed; what the user wrote is cut short and
 * cannot do harm to a terminal. consequence is "" or what comes of it.
 */
void setting_fault_say(const struct setting_fault *fault, const char *consequence,
		       char text[SETTING_FAULT_MAX]);

/* The names of the families of calls, with the separator in between. */
void setting_families(char *list, size_t size, const char *separator);

/* What holds where nothing is said. */
void settings_default(struct settings *s);

/*
 * Reads the configuration file and then the environment, which wins. hear
 * is called for each thing that is wrong, and ignored.
 */
void settings_read(struct settings *s, char **environment,
		   void (*hear)(void *arg, const struct setting_fault *fault), void *arg);

#endif

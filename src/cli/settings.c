#include "config.h"

#include "cli/settings.h"

#include "cli/paths.h"
#include "cli/variables.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What an option sets, and how its value is checked: by a list, or a function. */
struct setting {
	const char *variable;
	const char *const *accepted;
	/* The value for the variable, or NULL with *WRONG set to what is the matter. */
	char *(*convert)(const char *value, char **wrong);
};

/* CMD may change its working directory, so a path has to be absolute. */
static char *file_to_write(const char *value, char **wrong)
{
	char *path = path_absolute(value);
	char *directory = path_directory(path);
	struct stat st;

	if (!*value)
		*wrong = text("a file name is needed");
	else if (!stat(path, &st) && S_ISDIR(st.st_mode))
		*wrong = text("'%s' is a directory; a file name is needed", value);
	else if (access(directory, F_OK))
		*wrong = text("there is no directory %s to write '%s' in", directory, value);
	return *wrong ? NULL : path;
}

static int take_setting(void *into, const struct option_spec *spec, const char *value)
{
	const struct setting *setting = spec->data;
	const char *const *accepted = setting->accepted;
	char *converted = NULL, *wrong = NULL;

	if (accepted) {
		while (*accepted && strcmp(*accepted, value))
			accepted++;
		if (*accepted)
			converted = text("%s", value);
		else
			wrong = text("'%s' is none of %s", value, spec->value);
	} else {
		converted = setting->convert(value, &wrong);
	}
	if (!converted) {
		say("--%s=%s: %s", spec->name, spec->value, wrong);
		return EXIT_USAGE;
	}
	variables_set(into, setting->variable, converted);
	return 0;
}

static const struct setting route = {
	.variable = "RINGSHIM_ROUTE",
	.accepted = (const char *const []){ "ring", "direct", NULL },
};

static const struct setting stats = {
	.variable = "RINGSHIM_STATS", .convert = file_to_write,
};

static const struct setting messages = {
	.variable = "RINGSHIM_LOG", .convert = file_to_write,
};

const struct option_spec settings_options[] = {
	{
		.name = "route", .value = "ring|direct",
		.help = "how calls go: all that can through the ring (the\n"
			"default), or all directly, only counted",
		.take = take_setting, .data = &route,
	},
	{
		.name = "stats", .value = "FILE",
		.help = "append what became of each process's calls to FILE",
		.take = take_setting, .data = &stats,
	},
	{
		.name = "log", .value = "FILE",
		.help = "append the shim's messages to FILE",
		.take = take_setting, .data = &messages,
	},
	{ .name = NULL },
};

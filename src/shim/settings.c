#include <sys/auxv.h>
#include <unistd.h>
#include "shim/log.h"
#include "shim/settings-read.h"

struct settings settings;

static void complain(void *arg, const struct setting_fault *fault)
{
	char line[SETTING_FAULT_MAX];

	setting_fault_say(fault, "ignored, ", line);
	log_wrong_setting(line);
}

void settings_start(const char *argv0)
{
	settings.program_names[0] = (const char *)getauxval(AT_EXECFN);
	settings.program_names[1] = argv0;
	settings_default(&settings);
	if (!getauxval(AT_SECURE) && environ)
		settings_read(&settings, environ, complain, NULL);
}

bool settings_call(enum call call)
{
	return settings.participates && settings.route != ROUTE_DIRECT && settings.calls[call];
}

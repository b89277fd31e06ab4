/* SPDX-License-Identifier: MIT */
/* Reads the settings of this process at the library's start, and warns about wrong ones. */
#include <sys/auxv.h>
#include <unistd.h>
#include "shim/base/log.h"
#include "shim/config/settings-read.h"

struct settings settings;
bool settings_idle;

static void log_complaint(void *arg, const struct setting_fault *fault)
{
	/* Static, as it is too large for a stack. Only the constructor calls this. */
	static char line[SETTING_FAULT_MAX];

	setting_fault_say(fault, "ignored, ", line);
	log_wrong_setting(line);
}

bool settings_call(enum call call)
{
	return settings.participates && settings.route != ROUTE_DIRECT && settings.calls[call];
}

static bool any_call(void)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		if (settings_call((enum call)i))
			return true;
	return false;
}

/* What is timed are the program's own calls. */
static void leave_all_native(void)
{
	settings.route = ROUTE_DIRECT;
	settings.ahead.kinds = 0;
	settings.risk_sync_at_exit = false;
}

void settings_start(const char *argv0)
{
	settings.program_names[0] = (const char *)getauxval(AT_EXECFN);
	settings.program_names[1] = argv0;
	settings_default(&settings);
	if (!getauxval(AT_SECURE) && environ)
		settings_read(&settings, environ, log_complaint, NULL);
	if (settings.timings)
		leave_all_native();
	settings.stats_histograms = settings.stats_histograms && settings.stats;
	/* Syncing ahead has to know which descriptors are closed. */
	settings_idle = !any_call() && !(settings.ahead.kinds & AHEAD_SYNC);
}

/* SPDX-License-Identifier: MIT */
/* The user's settings, read once from the configuration file and the environment. */
#ifndef SHIM_CONFIG_SETTINGS_H
#define SHIM_CONFIG_SETTINGS_H

#include "shim/symbols/call-ids.h"

enum route_setting { ROUTE_RING, ROUTE_AUTO, ROUTE_DIRECT };

enum { RING_ENTRIES = 64 };

struct ring_setting {
	unsigned entries; /* RING_ENTRIES unless the user says otherwise */
	bool sqpoll;
	unsigned sqpoll_idle_ms; /* 0: the kernel's default */
	int sqpoll_cpu;		 /* -1: any */
};

enum { SETTING_FILE_MAX = 4096 };

struct settings {
	/* The settings whose values have a form of their own. */
	enum route_setting route;
	bool calls[CALL_COUNT];
	bool participates;	      /* RINGSHIM_PROGRAMS includes this program */
	int64_t timeouts[CALL_COUNT]; /* ns, 0: none */
	struct ring_setting ring;

	/* The switches and the names of files. */
#define SETTING(...)
#define SWITCH_SETTING(NAME, name, ...) bool name;
#define FILE_SETTING(NAME, name, ...) const char *name;
#include "shim/config/settings.def"

	/* The names of this program, set before the settings are read; NULL: none. */
	const char *program_names[2];
};

extern struct settings settings HIDDEN EARLY;

/* True if no call ever takes part in this process: nothing is kept but the counts. */
extern bool settings_idle HIDDEN HOT;

/* Reads the settings of this process, without calling the program's getenv. */
void settings_start(const char *argv0);

/* Returns true if the user wants this call to take part. */
bool settings_call(enum call call);

#endif

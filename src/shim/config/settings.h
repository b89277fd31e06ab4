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

/* The files that may be fetched before the program asks for them, as bits. */
enum {
	AHEAD_LIST = 1,	     /* files in the directories that the program goes through */
	AHEAD_ARGUMENTS = 2, /* files named on the command line */
	AHEAD_SEQUENCE = 4,  /* the rest of a file that is read from front to back */
	AHEAD_START = 8,     /* what the same program needed when it last started */
	AHEAD_SYNC = 32,     /* syncs of files that the program has written */
	AHEAD_ORDERED = 64,  /* ... and a sync keeps what was renamed before it */
	AHEAD_ALL = AHEAD_LIST | AHEAD_ARGUMENTS | AHEAD_SEQUENCE | AHEAD_START,
	AHEAD_NETWORK = 16, /* these also from network file systems */
};

struct ahead_setting {
	unsigned kinds; /* 0: nothing */
	unsigned depth; /* files on their way at a time */
	unsigned bytes; /* of each file */
};

enum { SETTING_FILE_MAX = 4096 };

struct settings {
	/* The settings whose values have a form of their own. */
	enum route_setting route;
	bool calls[CALL_COUNT];
	bool participates;	      /* RINGSHIM_PROGRAMS includes this program */
	int64_t timeouts[CALL_COUNT]; /* ns, 0: none */
	struct ring_setting ring;
	struct ahead_setting ahead;
	bool route_is_given; /* by the user: it is not a default */

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

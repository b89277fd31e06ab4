/* What the user asked for, read once from the environment. */
#ifndef SHIM_SETTINGS_H
#define SHIM_SETTINGS_H

#include "shim/calls.h"

enum route_setting { ROUTE_RING, ROUTE_DIRECT };

struct settings {
	enum route_setting route;
	const char *stats;		/* RINGSHIM_STATS, or NULL */
	const char *log;		/* RINGSHIM_LOG, or NULL */
	bool risk_shared_position;	/* RINGSHIM_RISK_SHARED_POSITION=1 */
};

extern struct settings settings;

/* Reads the environment without calling the program's getenv. */
void settings_start(void);

/* Whether the user wants this call to take part. */
bool settings_call(enum call call);

#endif

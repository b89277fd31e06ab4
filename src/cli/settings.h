/* SPDX-License-Identifier: MIT */
/* Makes the options for the shim's settings, and checks the settings before CMD is run. */
#ifndef RINGSHIM_CLI_SETTINGS_H
#define RINGSHIM_CLI_SETTINGS_H

#include "cli/options.h"
#include "cli/variables.h"

#include <stdbool.h>

/* Returns the options for the shim's RINGSHIM_* variables; their into is a struct variables. */
const struct option_spec *settings_options(void);

/*
 * Checks that the shim will accept the settings in CMD's environment and in the configuration file.
 * Returns 0, or an exit status after printing an error.
 */
int settings_check(const struct variables *variables);

/* By the settings that settings_check() read: if CMD fetches or syncs files ahead, or syncs at exit. */
bool settings_fetch_ahead(void);
bool settings_sync_ahead(void);
bool settings_sync_at_exit(void);

/* By the same settings: the file of the statistics, or NULL. */
const char *settings_stats_file(void);

#endif

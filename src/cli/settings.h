#ifndef RINGSHIM_CLI_SETTINGS_H
#define RINGSHIM_CLI_SETTINGS_H

#include "cli/options.h"
#include "cli/variables.h"

/* The options that become the shim's RINGSHIM_* variables; into: struct variables. */
const struct option_spec *settings_options(void);

/*
 * Whether the shim will accept what it finds in CMD's environment, and in the
 * configuration file. 0, or an exit status after saying what is wrong.
 */
int settings_check(const struct variables *variables);

#endif

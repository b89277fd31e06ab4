#ifndef RINGSHIM_CLI_SETTINGS_H
#define RINGSHIM_CLI_SETTINGS_H

#include "cli/options.h"

/* The options that become the shim's RINGSHIM_* variables; into: struct variables. */
extern const struct option_spec settings_options[];

#endif

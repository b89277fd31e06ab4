/* SPDX-License-Identifier: MIT */
/* Names of signals. */
#ifndef RINGSHIM_CLI_MEASURE_SIGNALS_H
#define RINGSHIM_CLI_MEASURE_SIGNALS_H

/* Returns a name such as "SIGTERM"; the caller frees it. */
char *signal_name(int signal);

#endif

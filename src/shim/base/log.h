/* SPDX-License-Identifier: MIT */
/* Messages to the file that RINGSHIM_LOG names, and warnings about settings to standard error. */
#ifndef SHIM_BASE_LOG_H
#define SHIM_BASE_LOG_H

#include "shim/base/base.h"

/* Sets the log file; NULL: none. It is opened for each message, as there are few. */
void log_start(const char *path);

/* Logs why the kernel gave no ring, once per process. err is the negative errno of the setup. */
void log_no_ring(int err);

/* Logs that stdio streams stay native, because libc is not as expected. */
void log_stdio(void);

/*
 * Writes to the log and to standard error that data which the program has synced could not be
 * written.
 */
void log_lost_data(void);

/* Writes text, which describes a wrong setting, to standard error. */
void log_wrong_setting(const char *text);

#endif

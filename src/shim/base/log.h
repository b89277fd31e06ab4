/* Messages, for those who asked for them with RINGSHIM_LOG. */
#ifndef SHIM_BASE_LOG_H
#define SHIM_BASE_LOG_H

#include "shim/base/base.h"

/* Opens nothing: the file is opened for each message, which are few. */
void log_start(const char *path);

/* Why the kernel gave no ring (err: its answer), once. */
void log_no_ring(int err);

/* That libc's streams stay native. */
void log_stdio(void);

/* A setting that was wrong, on standard error. */
void log_wrong_setting(const char *text);

#endif

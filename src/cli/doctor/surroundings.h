/* SPDX-License-Identifier: MIT */
/* What /proc and the environment tell of the container or service that this process is in. */
#ifndef RINGSHIM_CLI_DOCTOR_SURROUNDINGS_H
#define RINGSHIM_CLI_DOCTOR_SURROUNDINGS_H

#include <stdbool.h>

/*
 * Returns the decimal number that follows key at the start of a line of /proc/PROCESS/status, or
 * -1. process: a number or "self".
 */
long process_number(const char *process, const char *key);

/* Returns true if this process has the capability (CAP_*) in effect. */
bool has_capability(int capability);

/* Returns the first line of a small file without its newline, or NULL. The caller frees it. */
char *read_line(const char *path);

/* Returns the service of systemd that this process belongs to ("nginx.service"), or NULL. */
char *service_of_systemd(void);

/* Returns a sentence with the signs of a container; "" if there are none. The caller frees it. */
char *surroundings_marks(void);

/*
 * Returns a sentence on the first ancestor that has a seccomp filter; "" if that cannot be seen.
 * The caller frees it.
 */
char *filter_origin(void);

#endif

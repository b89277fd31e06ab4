/* SPDX-License-Identifier: MIT */
/* The seccomp filters that containers and services usually have, and how to let io_uring through. */
#ifndef RINGSHIM_CLI_DOCTOR_PROFILE_H
#define RINGSHIM_CLI_DOCTOR_PROFILE_H

#include "cli/doctor/filter.h"

/* Returns a word for programs, such as "docker", or NULL if it is like none, or no filter. */
const char *profile_id(const struct filter_facts *filter);

/* Returns a sentence on whose filter it looks like, and why. The caller frees it. */
char *profile_sentence(const struct filter_facts *filter);

/* Adds to the last finding how to let io_uring through the filter. */
void profile_advise(struct report *report, const struct filter_facts *filter);

#endif

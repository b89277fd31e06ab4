/* SPDX-License-Identifier: MIT */
/* The seccomp filters that containers and services usually have, and how to let io_uring through. */
#ifndef RINGSHIM_CLI_DOCTOR_PROFILE_H
#define RINGSHIM_CLI_DOCTOR_PROFILE_H

#include "cli/doctor/filter.h"

/* Returns the profile that answers as the filter does, or NULL. */
const struct profile *profile_find(const struct filter_facts *filter);

/* Returns a word for programs: "docker". */
const char *profile_id(const struct profile *profile);

/* Returns a sentence on whose filter it looks like, and why. The caller frees it. */
char *profile_sentence(const struct filter_facts *filter);

/* Adds to the last finding how to let io_uring through the filter. */
void profile_advise(struct report *report, const struct filter_facts *filter);

#endif

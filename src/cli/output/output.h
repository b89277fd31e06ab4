/* SPDX-License-Identifier: MIT */
/* A file that an option names for what the command writes. */
#ifndef RINGSHIM_CLI_OUTPUT_OUTPUT_H
#define RINGSHIM_CLI_OUTPUT_OUTPUT_H

#include <stdio.h>

/* Opens path, for the advice, picture and so on that "what" names. Says why it cannot; returns NULL. */
FILE *output_open(const char *path, const char *what);

#endif

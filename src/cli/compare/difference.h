/* SPDX-License-Identifier: MIT */
/* Describes how a run ended and where the outputs of two runs differ. */
#ifndef RINGSHIM_CLI_COMPARE_DIFFERENCE_H
#define RINGSHIM_CLI_COMPARE_DIFFERENCE_H

#include <stdbool.h>

/* Describes a wait(2) status: "exit status 3", "killed by SIGSEGV". The caller frees the text. */
char *ending_of(int status);

/*
 * Compares the files native and shimmed, which hold what two runs wrote. Returns true if they are
 * the same, else prints the first difference on standard error. what: name of the output.
 */
bool report_output_difference(const char *what, int native, int shimmed);

/* Returns the size of fd's file in bytes. */
long long size_of(int fd);

#endif

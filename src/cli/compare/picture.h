/* SPDX-License-Identifier: MIT */
/* Draws the system calls of both runs side by side, for a report. */
#ifndef RINGSHIM_CLI_COMPARE_PICTURE_H
#define RINGSHIM_CLI_COMPARE_PICTURE_H

#include "cli/strace/counts.h"

#include <stdio.h>

/*
 * Writes an SVG picture with two bars for each system call whose count differs, but for no more
 * than the twelve that differ most. The library's own calls count as well. argv: of CMD, for the
 * title.
 */
void picture_write(FILE *to, const struct counts *counts, char *const *argv);

#endif

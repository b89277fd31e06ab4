/* SPDX-License-Identifier: MIT */
/*
 * A line on standard error that says which of many runs goes on. It appears if standard error is a
 * terminal and the runs take longer than a second, and it is erased at the end.
 */
#ifndef RINGSHIM_CLI_OUTPUT_PROGRESS_H
#define RINGSHIM_CLI_OUTPUT_PROGRESS_H

/* Call before the first run. Without this call there is never a line. */
void progress_begin(int runs);

/* Call at the beginning of each run. label: which kind of run it is. */
void progress_next_run(const char *label);

/* Returns the milliseconds until progress_show() has something new to show; -1: never. */
int progress_timeout(void);

/* Shows the line, if it is time. */
void progress_show(void);

/* Erases the line. Call before anything else is written to the terminal; say() does. */
void progress_erase(void);

#endif

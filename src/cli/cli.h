/* SPDX-License-Identifier: MIT */
/*
 * Common declarations of the ringshim command: exit statuses, the type of a subcommand, messages
 * and allocation.
 */
#ifndef RINGSHIM_CLI_H
#define RINGSHIM_CLI_H

#include <stdbool.h>
#include <stdio.h>

/* 125 to 127 mean the same as in env(1), nohup(1) and the shells. */
enum exit_status {
	EXIT_USAGE = 2,	       /* the command line is wrong */
	EXIT_DIFFERENT = 3,    /* compare: the two runs ended differently */
	EXIT_TROUBLE = 125,    /* ringshim itself failed */
	EXIT_CANNOT_RUN = 126, /* CMD exists but cannot be executed */
	EXIT_NOT_FOUND = 127,  /* CMD does not exist */
};

struct subcommand {
	const char *name;
	const char *synopsis;  /* the arguments after the name */
	const char *summary;   /* one line, for the list of commands */
	const char *help;      /* description for --help; ends in a newline */
	bool command_optional; /* it does without CMD */
	int (*main)(const struct subcommand *self, int argc, char **argv);
};

extern const struct subcommand cmd_run;
extern const struct subcommand cmd_compare;
extern const struct subcommand cmd_advise;
extern const struct subcommand cmd_doctor;
extern const struct subcommand cmd_stat;
extern const struct subcommand cmd_top;

/* Prints one line on standard error, starting with "ringshim: ". */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the line, then calls exit(EXIT_TROUBLE). Only for use where nothing needs cleaning up. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Returns a formatted string, as asprintf(3) makes it. Dies if there is no memory. */
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reallocates an array to count elements of size bytes. Dies if there is no memory. */
void *grow(void *array, size_t count, size_t size);

void print_version(void);

#endif

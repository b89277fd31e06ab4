#ifndef RINGSHIM_CLI_H
#define RINGSHIM_CLI_H

#include <stdio.h>

/* 125 to 127 are what env(1), nohup(1) and the shells use for the same things. */
enum exit_status {
	EXIT_USAGE = 2,		/* wrong usage */
	EXIT_DIFFERENT = 3,	/* compare: the two runs ended differently */
	EXIT_TROUBLE = 125,	/* ringshim itself could not do its part */
	EXIT_CANNOT_RUN = 126,	/* CMD is there but cannot be executed */
	EXIT_NOT_FOUND = 127,	/* CMD is not there */
};

struct subcommand {
	const char *name;
	const char *synopsis;	/* what follows the name on the command line */
	const char *summary;	/* one line, for the list of commands */
	const char *help;	/* what it does; ends in a newline */
	int (*main)(const struct subcommand *self, int argc, char **argv);
};

extern const struct subcommand cmd_run;
extern const struct subcommand cmd_compare;

/* One line on standard error, starting with "ringshim: ". */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, then exit(EXIT_TROUBLE); for what leaves nothing to clean up. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Like asprintf(3), but always returns a string: it dies without memory. */
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Like realloc(3) of COUNT elements, but dies without memory. */
void *grow(void *array, size_t count, size_t size);

void print_version(void);

#endif

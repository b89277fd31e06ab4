/* SPDX-License-Identifier: MIT */
/*
 * Parses the options of a subcommand. The parser, --help and the messages about wrong usage are all
 * made from tables of struct option_spec.
 */
#ifndef RINGSHIM_CLI_OPTIONS_H
#define RINGSHIM_CLI_OPTIONS_H

#include "cli/cli.h"

/* One option of a subcommand. */
struct option_spec {
	const char *name;  /* long name, without the dashes */
	int letter;	   /* short name, or 0 */
	const char *value; /* the name of the value in --help; NULL: no value */
	const char *help;  /* lines, separated by newlines */
	int value_optional;
	/* Stores the value. Returns 0, or an exit status after printing an error. */
	int (*take)(void *into, const struct option_spec *spec, const char *value);
	const void *data; /* for take() */
};

struct option_group {
	const char *title;		 /* empty: the group continues the one before */
	const struct option_spec *specs; /* ends with a spec that has no name */
	void *into;			 /* passed to each take() */
};

/* The option --json; its into is a bool. */
extern const struct option_spec json_options[];

/*
 * Parses the options before CMD. Returns -1 and moves *argv to CMD, or returns the exit status of
 * the program (after --help, --version or wrong usage). groups ends with a group that has no title.
 */
int options_parse(const struct subcommand *sub, const struct option_group *groups, int *argc,
		  char ***argv);

#endif

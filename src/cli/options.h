#ifndef RINGSHIM_CLI_OPTIONS_H
#define RINGSHIM_CLI_OPTIONS_H

#include "cli/cli.h"

/*
 * One option of a subcommand. The parser, --help and the messages about wrong
 * usage are all made from tables of these.
 */
struct option_spec {
	const char *name;	/* long name, without the dashes */
	int letter;		/* short name, or 0 */
	const char *value;	/* what --help calls the value; NULL: takes none */
	const char *help;	/* lines, separated by newlines */
	int value_optional;
	/* Takes the value; 0, or an exit status after saying what is wrong. */
	int (*take)(void *into, const struct option_spec *spec, const char *value);
	const void *data;	/* for take() */
};

struct option_group {
	const char *title;
	const struct option_spec *specs;	/* ends with a spec without a name */
	void *into;		/* passed to each take() */
};

/*
 * Parses the options before CMD. Returns -1 with *ARGV at CMD, or the exit
 * status the program is to end with (after --help, --version, wrong usage).
 * GROUPS ends with a group without a title.
 */
int options_parse(const struct subcommand *sub, const struct option_group *groups,
		  int *argc, char ***argv);

#endif

#ifndef RINGSHIM_CLI_PROGRAM_H
#define RINGSHIM_CLI_PROGRAM_H

#include "cli/elf.h"

struct program {
	char *path;		/* the file to execute */
	char **argv;		/* its arguments, CMD's own name first */
	char *obstacle;		/* why no library can be preloaded into it, or NULL */
	char *runtime;		/* a library that has to be loaded before all others, or NULL */
	char *warning;		/* what else to know about preloading into it, or NULL */
};

/*
 * Finds out what running ARGV means, and whether the library FILE, of which
 * FACTS are known, can have an effect in it. Scripts are followed to the program
 * that interprets them. 0, or an exit status after saying why CMD cannot be run.
 */
int program_examine(struct program *program, char **argv,
		    const char *file, const struct elf_facts *facts);

#endif

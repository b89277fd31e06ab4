#ifndef RINGSHIM_CLI_PRELOAD_H
#define RINGSHIM_CLI_PRELOAD_H

#include "cli/elf.h"
#include "cli/options.h"
#include "cli/program.h"
#include "cli/variables.h"

/* The library, and how CMD is to be run with it; zero-initialised by the owner. */
struct preload {
	const char *given;	/* --library */
	bool force;		/* --force */
	struct variables shimmed;	/* what CMD's environment gets: settings, LD_PRELOAD */
	struct variables native;	/* the same for a run without the shim */
	char *library;		/* absolute path */
	struct elf_facts facts;
	struct program program;
};

/* --library and --force; into: struct preload. */
extern const struct option_spec preload_options[];

/*
 * Finds the library, finds out whether it can have an effect in ARGV's program,
 * and makes both environments. 0, or an exit status after saying what is wrong.
 */
int preload_prepare(struct preload *p, char **argv);

#endif

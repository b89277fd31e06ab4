/* SPDX-License-Identifier: MIT */
/* Finds the preload library and prepares what CMD needs to run with it. */
#ifndef RINGSHIM_CLI_PRELOAD_H
#define RINGSHIM_CLI_PRELOAD_H

#include "cli/program/elf.h"
#include "cli/options.h"
#include "cli/program/program.h"
#include "cli/variables.h"

/* The library, and how to run CMD with it. The owner initialises it to zero. */
struct preload {
	const char *given;	  /* --library */
	bool force;		  /* --force */
	struct variables shimmed; /* to set for CMD: settings, LD_PRELOAD */
	struct variables native;  /* to set for a run without the shim */
	char *library;		  /* absolute path */
	struct elf_facts facts;	  /* of the library */
	struct program program;
};

/* The options --library and --force; their into is a struct preload. */
extern const struct option_spec preload_options[];

/* Takes the value of --library. */
int preload_take_library(void *into, const struct option_spec *spec, const char *value);

/* Finds and checks the library. Returns 0, or an exit status after printing an error. */
int preload_find(struct preload *p);

/* Sets the variables for both kinds of run of p->program. */
void preload_environments(struct preload *p);

/*
 * Finds the library, checks that it can have an effect in the program that argv names, and sets the
 * variables for both kinds of run. Returns 0, or an exit status after printing an error.
 */
int preload_prepare(struct preload *p, char **argv);

#endif

/* SPDX-License-Identifier: MIT */
/* Finds the program that CMD names, and what prevents preloading a library into it. */
#ifndef RINGSHIM_CLI_PROGRAM_PROGRAM_H
#define RINGSHIM_CLI_PROGRAM_PROGRAM_H

#include "cli/program/elf.h"

struct program {
	char *path;		   /* the file to execute */
	char **argv;		   /* its arguments, argv[0] first */
	char *obstacle;		   /* reason why no library can be preloaded into it, or NULL */
	const char *obstacle_kind; /* the same in one word: "static" */
	char *runtime;		   /* library that must be loaded before all others, or NULL */
	char *warning;		   /* remark to print before it is run, or NULL */
	const char *warning_kind;  /* the same in one word: "go" */
	char *elf;	   /* the file that is executed in the end: an interpreter, or path */
	char *interpreter; /* its dynamic linker; NULL: it has none */
};

/*
 * Finds the program that argv names, and checks that the library file, whose facts are given, can
 * have an effect in it. Follows a script to the program that interprets it. Returns 0, or an exit
 * status after printing why CMD cannot be run.
 */
int program_examine(struct program *program, char **argv, const char *file,
		    const struct elf_facts *facts);

#endif

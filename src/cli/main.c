/* SPDX-License-Identifier: MIT */
/* The entry point of the ringshim command: chooses the subcommand, prints help and version. */
#include "config.h"

#include "cli/cli.h"
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

static const struct subcommand *const subcommands[] = { &cmd_run,    &cmd_compare, &cmd_advise,
							&cmd_doctor, &cmd_stat,	   &cmd_top };

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(*subcommands))

static const struct subcommand *subcommand_named(const char *name)
{
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (!strcmp(subcommands[i]->name, name))
			return subcommands[i];
	return NULL;
}

static int unknown_subcommand(const char *name)
{
	fprintf(stderr, "ringshim: unknown command '%s'; the commands are", name);
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		fprintf(stderr, " %s,", subcommands[i]->name);
	fputs(" help\n", stderr);
	return EXIT_USAGE;
}

void print_version(void)
{
	puts(PACKAGE_STRING);
}

static int print_overview(void)
{
	puts("Usage: ringshim COMMAND [OPTION]...\n"
	     "Sends the blocking I/O of an unmodified program through io_uring.\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		printf("  %-8s  %s\n", subcommands[i]->name, subcommands[i]->summary);
	puts("  help      print this text, or the help of a command: ringshim help COMMAND\n"
	     "\n"
	     "Options:\n"
	     "  -h, --help     print this text\n"
	     "  -V, --version  print the version\n"
	     "\n"
	     "Each command has its own --help and a manual page: ringshim-run(1), and so on.");
	return EXIT_SUCCESS;
}

static int help(int argc, char **argv)
{
	char *ask[] = { NULL, (char[]){ "--help" }, NULL };
	const struct subcommand *sub;

	if (argc == 1)
		return print_overview();
	if (argc > 2) {
		say("help takes at most one command: ringshim help [COMMAND]");
		return EXIT_USAGE;
	}
	sub = subcommand_named(argv[1]);
	if (!sub)
		return unknown_subcommand(argv[1]);
	ask[0] = argv[1];
	return sub->main(sub, 2, ask);
}

static int dispatch(int argc, char **argv)
{
	const struct subcommand *sub;
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word) {
		say("no command given; use ringshim run|compare|advise [OPTION]... -- CMD [ARG]..., "
		    "ringshim doctor [PROGRAM], ringshim stat PID|NAME, ringshim top, or ringshim "
		    "--help");
		return EXIT_USAGE;
	}
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		return print_overview();
	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		print_version();
		return EXIT_SUCCESS;
	}
	if (!strcmp(word, "help"))
		return help(argc - 1, argv + 1);
	if (*word == '-') {
		say("unknown option '%s'; accepted here is --help, --version, or a command first "
		    "(run, compare, advise, doctor, stat, top, help)",
		    word);
		return EXIT_USAGE;
	}
	sub = subcommand_named(word);
	return sub ? sub->main(sub, argc - 1, argv + 1) : unknown_subcommand(word);
}

int main(int argc, char **argv)
{
	int status = dispatch(argc, argv);

	if ((fflush(stdout) || ferror(stdout)) && status == EXIT_SUCCESS)
		die("cannot write to standard output: %m");
	return status;
}

/* SPDX-License-Identifier: MIT */
/* Finds strace, and makes the command line with which it traces CMD. */
#include "config.h"

#include "cli/strace/strace.h"

#include "cli/cli.h"
#include "cli/program/find.h"

#include <string.h>
#include <unistd.h>

char *strace_find(void)
{
	char *path = find_in_path("strace");

	if (!path)
		say("compare counts system calls with strace, which is not in PATH; install the package "
		    "'strace' (apt-get install strace, dnf install strace)");
	return path;
}

/*
 * The lines have the addresses of the instructions (-i). They are as short as they can be: arguments
 * are numbers, but for those calls of which tracees.c wants to know more. A "?" is before calls that
 * not every architecture or version of strace has.
 *
 * With -D, CMD is the child of ringshim, and strace is not its parent: the exit status and the CPU
 * time are CMD's own, and signals reach it directly.
 */
char **strace_arguments(char **argv, const struct variables *variables, int trace)
{
	static const char *const fixed[] = {
		"strace",
		"-f",
		"-i",
		"-qq",
		"-D",
		"-e",
		"raw=!?open,openat,execve,?execveat,clone,?clone3",
		"-e",
		"verbose=?clone3",
		"-e",
		"signal=none",
		"-o",
	};
	size_t n = 0, count = sizeof(fixed) / sizeof(*fixed) + 2 * variables->count + 3;
	char **out;

	for (char **arg = argv; *arg; arg++)
		count++;
	out = grow(NULL, count, sizeof(*out));
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		out[n++] = (char *)fixed[i];
	/* Name the file through /proc, so that CMD inherits no descriptor of it. */
	out[n++] = text("/proc/%d/fd/%d", (int)getpid(), trace);
	for (size_t i = 0; i < variables->count; i++) {
		out[n++] = (char *)"-E";
		out[n++] = variables->entries[i];
	}
	out[n++] = (char *)"--";
	for (char **arg = argv; *arg; arg++)
		out[n++] = *arg;
	out[n] = NULL;
	return out;
}

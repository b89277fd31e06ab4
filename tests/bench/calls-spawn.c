/* SPDX-License-Identifier: MIT */
/*
 * Benchmarks starting a program, with environment variables that are set for it alone, and waiting
 * until it has exited.
 */
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static char **program;

static void prepare(char **args)
{
	for (; *args && strchr(*args, '='); args++)
		must(!putenv(*args), "putenv");
	must(*args, "a program");
	program = args;
}

static void repeat(unsigned long count)
{
	int status;
	pid_t pid;

	clock_on();
	while (count--) {
		must(!posix_spawn(&pid, *program, NULL, NULL, program, environ), *program);
		must(waitpid(pid, &status, 0) == pid && !status, *program);
	}
	clock_off();
}

const struct subject spawn_subjects[] = {
	{ "spawn", "[NAME=VALUE...] PROGRAM [ARG...]", 1, prepare, repeat, NULL },
	{ 0 }
};

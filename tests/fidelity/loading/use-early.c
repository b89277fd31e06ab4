/* SPDX-License-Identifier: MIT */
/* A program linked to early.c: I/O from before every constructor until the very end. */
#include <stdlib.h>

void early_say(const char *when);

static void preinit(int argc, char **argv, char **env)
{
	early_say("before all constructors");
}

__attribute__((section(".preinit_array"), used)) static void (*start)(int, char **, char **) = preinit;

static void at_exit(void)
{
	early_say("atexit");
}

__attribute__((constructor)) static void constructor(void)
{
	early_say("program's constructor");
	atexit(at_exit);
}

__attribute__((destructor)) static void destructor(void)
{
	early_say("program's destructor");
}

int main(void)
{
	atexit(at_exit);
	early_say("main");
	return 0;
}

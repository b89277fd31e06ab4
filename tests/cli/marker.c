/* SPDX-License-Identifier: MIT */
/*
 * A preload library that shows it is there: a word on standard error, and other
 * system calls than the program asked for.
 */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((constructor))
static void announce(void)
{
	static const char word[] = "preloaded\n";

	if (write(STDERR_FILENO, word, strlen(word)) < 0)
		_exit(1);
}

/* The answer is the process's own id in either way. */
pid_t getppid(void)
{
	return syscall(SYS_getsid, 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * A preload library that shows that it is loaded: it writes a word to standard error, and makes
 * other system calls than the program asked for.
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

/* Calls getsid(2) instead of getppid(2), so that the counts of system calls differ. */
pid_t getppid(void)
{
	return syscall(SYS_getsid, 0);
}

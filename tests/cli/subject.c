/* SPDX-License-Identifier: MIT */
/* The program that the tests of the ringshim command run. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void make_calls(int n)
{
	while (n-- > 0)
		getppid();
}

/* Makes N calls in each of two children, the second of which is not waited for. */
static void make_calls_in_children(int n)
{
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (i)
				usleep(200 * 1000);
			make_calls(n);
			_exit(0);
		}
		if (!i)
			waitpid(pid, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(what, "calls"))
		make_calls(n);
	else if (!strcmp(what, "children"))
		make_calls_in_children(n);
	else if (!strcmp(what, "exit"))
		return n;
	else if (!strcmp(what, "signal"))
		raise(n);
	else if (!strcmp(what, "ok"))
		puts("ok");
	else
		return 99;
	return 0;
}

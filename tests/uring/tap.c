/* SPDX-License-Identifier: MIT */
/* The frame of the test programs: runs each test in a child and prints results as TAP. */
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define TIME_LIMIT 60		/* seconds for one test */
#define EXIT_SKIP 77

void skip(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	fflush(stdout);
	exit(EXIT_SKIP);
}

void fail(const char *file, int line, const char *format, ...)
{
	va_list ap;

	printf("%s:%d: ", file, line);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	exit(1);
}

void check_int_at(const char *file, int line, const char *what, long long got, long long want)
{
	if (got != want)
		fail(file, line, "%s is %lld, not %lld", what, got, want);
}

/* Collects a child's output until it exits; kills it if it takes too long. */
static void collect(pid_t pid, int fd, char *text, size_t size)
{
	const char *limit = getenv("URING_TEST_SECONDS");
	time_t end = time(NULL) + (limit ? atoi(limit) : TIME_LIMIT);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	ssize_t n = 1;

	while (time(NULL) < end && n > 0) {
		if (poll(&pfd, 1, 1000) <= 0)
			continue;
		n = read(fd, text + used, size - 1 - used);
		if (n > 0)
			used += (size_t)n;
	}
	text[used] = '\0';
	if (n > 0)
		kill(pid, SIGKILL);
}

/* Runs one test in a child; its output, up to size bytes, goes to text. */
static int run_one(const struct test *test, char *text, size_t size)
{
	int pipefd[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe(pipefd))
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		dup2(pipefd[1], 1);
		close(pipefd[0]);
		close(pipefd[1]);
		test->run();
		exit(0);
	}
	close(pipefd[1]);
	collect(pid, pipefd[0], text, size);
	close(pipefd[0]);
	waitpid(pid, &status, 0);
	return status;
}

static int report(const struct test *test, size_t number)
{
	char text[4096];
	int status = run_one(test, text, sizeof(text));

	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP) {
		printf("ok %zu - %s # SKIP %s\n", number, test->name, text);
		return 0;
	}
	if (status == 0) {
		printf("ok %zu - %s\n", number, test->name);
		return 0;
	}
	printf("not ok %zu - %s\n", number, test->name);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d (%s)\n", WTERMSIG(status),
		       strsignal(WTERMSIG(status)));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		printf("# %s\n", line);
	return 1;
}

int run_tests(const struct test *tests, size_t nr, int argc, char **argv)
{
	int failed = 0, run = 0;

	if (argc > 1 && !strcmp(argv[1], "--list")) {
		for (size_t i = 0; i < nr; i++)
			puts(tests[i].name);
		return 0;
	}
	if (argc == 1)
		printf("1..%zu\n", nr);
	for (size_t i = 0; i < nr; i++) {
		if (argc > 1 && strcmp(argv[1], tests[i].name))
			continue;
		run++;
		failed += report(&tests[i], i + 1);
	}
	if (!run) {
		fprintf(stderr, "%s: no test is called \"%s\"\n", argv[0], argv[1]);
		return 2;
	}
	return failed ? 1 : 0;
}

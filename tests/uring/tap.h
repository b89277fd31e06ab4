/* SPDX-License-Identifier: MIT */
/*
 * The frame of the test programs: named tests, each in its own child process with a time limit, and
 * results as TAP. An argument names the only test to run; --list prints the names.
 */
#ifndef RINGSHIM_TEST_TAP_H
#define RINGSHIM_TEST_TAP_H

#include <stddef.h>

struct test {
	const char *name;
	void (*run)(void);
};

int run_tests(const struct test *tests, size_t nr, int argc, char **argv);

/* Ends the test as skipped. */
void skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Ends the test as failed. */
void fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4), noreturn));

void check_int_at(const char *file, int line, const char *what, long long got, long long want);

#define check(cond) do { \
	if (!(cond)) \
		fail(__FILE__, __LINE__, "%s", #cond); \
} while (0)
#define check_int(got, want) check_int_at(__FILE__, __LINE__, #got, got, want)

#endif

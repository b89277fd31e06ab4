/* SPDX-License-Identifier: MIT */
/*
 * The effects of calls beyond their return values. Each group of cases prints lines "CALL: EFFECT:
 * value", which must be the same natively and by each route. The effects are read with system calls
 * that bypass the library.
 */
#ifndef TESTS_SHIM_EFFECTS_H
#define TESTS_SHIM_EFFECTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "../lib/raw-syscalls.h"

typedef void group_fn(void);

group_fn faults, transfers, syncs, names, attributes, descriptors, messages, connections, waits,
	events, accounts;

/* Prints "CALL: EFFECT: " and the rest. */
void saw(const char *call, const char *effect, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Ends the program if the environment does not allow the test. */
void need(bool what, const char *why);

/* Formats a result for printing: the number, or the name of errno. */
const char *result(long ret);

/* Returns a checksum of the contents. */
unsigned long sum(const void *bytes, size_t len);

/* Fills bytes with values that differ from place to place. */
void pattern(void *bytes, size_t len, unsigned seed);

#endif

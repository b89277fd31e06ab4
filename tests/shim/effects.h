/* SPDX-License-Identifier: MIT */
/*
 * What calls do, beside what they return. Each group of cases prints lines
 * "CALL: EFFECT: what was seen", which must be the same natively and by each
 * route. What is looked at is looked at past the library.
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

/* Ends the program: the surroundings are not as needed. */
void need(bool what, const char *why);

/* A result as it is printed: the number, or the name of errno. */
const char *result(long ret);

/* A number that tells contents apart. */
unsigned long sum(const void *bytes, size_t len);

/* Bytes that differ from place to place. */
void pattern(void *bytes, size_t len, unsigned seed);

#endif

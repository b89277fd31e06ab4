/* SPDX-License-Identifier: MIT */
/* What a run took: time, context switches, memory, transfers. And what many runs took. */
#ifndef RINGSHIM_CLI_MEASURE_AMOUNTS_H
#define RINGSHIM_CLI_MEASURE_AMOUNTS_H

#include <stdbool.h>
#include <sys/resource.h>

enum amount {
	AMOUNT_WALL,
	AMOUNT_USER,
	AMOUNT_SYSTEM,
	AMOUNT_VOLUNTARY,
	AMOUNT_INVOLUNTARY,
	AMOUNT_MEMORY,
	AMOUNT_READ,
	AMOUNT_WRITTEN,
	AMOUNT_KINDS,
};

struct amounts {
	double values[AMOUNT_KINDS];
};

struct amount_kind {
	const char *title; /* for tables */
	const char *word;  /* for JSON */
	bool is_time;	   /* in seconds, else a whole number */
	bool holds_traced; /* the value means something of a run under strace as well */
};

extern const struct amount_kind amount_kinds[AMOUNT_KINDS];

/* Of one kind, over several runs. */
struct spread {
	double median, least, most;
};

/* Takes a run's amounts from its wall time in seconds and what wait4(2) says. */
void amounts_take(struct amounts *amounts, double wall, const struct rusage *usage);

/* Returns the median, least and most of an amount in count runs, which are at least 1. */
struct spread amounts_spread(const struct amounts *runs, int count, enum amount amount);

#endif

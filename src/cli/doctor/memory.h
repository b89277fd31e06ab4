/* SPDX-License-Identifier: MIT */
/* How much locked memory is left for rings and their buffers. */
#ifndef RINGSHIM_CLI_DOCTOR_MEMORY_H
#define RINGSHIM_CLI_DOCTOR_MEMORY_H

#include "cli/doctor/report.h"

#include <unistd.h>

/* What a ring of the shim takes, with the default number of entries: a page for each queue. */
#define MEMORY_OF_RING (2 * sysconf(_SC_PAGESIZE))

struct memory_facts {
	long long limit;   /* RLIMIT_MEMLOCK in bytes; -1: none */
	bool exempt;	   /* CAP_IPC_LOCK: the limit does not count */
	bool counts_rings; /* this kernel counts rings, not only registered buffers (before 5.12) */
	bool measured;	   /* left is known */
	long long left;	   /* bytes that can still be registered; no more than limit is tried */
	bool left_is_least; /* more may be left: we stopped trying */
};

/* With has_ring, a ring can be made, and what is left is measured. */
void memory_examine(struct memory_facts *memory, bool has_ring);

/* Adds to the last finding how to raise the limit. */
void memory_advise(struct report *report);

void memory_report(struct report *report, const struct memory_facts *memory);
void memory_json(struct json *json, const struct memory_facts *memory);

#endif

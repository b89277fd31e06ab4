/* SPDX-License-Identifier: MIT */
/* Whether a ring can be made here, and if not, who forbids it. */
#ifndef RINGSHIM_CLI_DOCTOR_RING_H
#define RINGSHIM_CLI_DOCTOR_RING_H

#include "cli/doctor/filter.h"
#include "cli/doctor/report.h"

/* Those who can forbid a ring. Several can at the same time. */
enum forbidder {
	FORBIDDER_ABSENT,     /* a kernel without io_uring */
	FORBIDDER_SYSCTL,     /* kernel.io_uring_disabled is 2 */
	FORBIDDER_GROUP,      /* it is 1, and the user is not in kernel.io_uring_group */
	FORBIDDER_FILTER,     /* a seccomp filter */
	FORBIDDER_MEMORY,     /* RLIMIT_MEMLOCK, on kernels that count rings */
	FORBIDDER_NO_MEMORY,  /* the machine's or the container's memory */
	FORBIDDER_DESCRIPTOR, /* RLIMIT_NOFILE or the system's limit */
	FORBIDDER_MODULE,     /* a security module */
	FORBIDDER_UNKNOWN,
	FORBIDDERS
};

struct ring_facts {
	int error;   /* errno of making a ring; 0: it can be made */
	bool killed; /* a filter kills the process that asks for one */
	bool forbidden_by[FORBIDDERS];
	int disabled; /* kernel.io_uring_disabled; -1: this kernel has no such setting */
	long group;   /* kernel.io_uring_group; -1: none */
	bool in_group;
	struct filter_facts filter;
};

/* Tries it, in a child. */
void ring_examine(struct ring_facts *ring);

void ring_report(struct report *report, const struct ring_facts *ring);
void ring_json(struct json *json, const struct ring_facts *ring);

#endif

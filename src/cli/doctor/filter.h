/* SPDX-License-Identifier: MIT */
/* Which system calls a seccomp filter refuses, and whose filter that looks like. */
#ifndef RINGSHIM_CLI_DOCTOR_FILTER_H
#define RINGSHIM_CLI_DOCTOR_FILTER_H

#include "cli/doctor/report.h"

#include <stdbool.h>

/* The system calls that are tried, with arguments that make each fail without any effect. */
enum tried {
	TRIED_SETUP,
	TRIED_ENTER,
	TRIED_REGISTER,
	TRIED_IO_SETUP,
	TRIED_ADD_KEY,
	TRIED_KEYCTL,
	TRIED_MOVE_PAGES,
	TRIED_VMSPLICE,
	TRIED_CLONE3,
	TRIED_UNKNOWN,
	TRIED_COUNT
};

enum answer {
	ANSWER_NOT_TRIED = 0,
	ANSWER_ALLOWED = 1, /* the kernel's own error */
	ANSWER_EPERM = 2,
	ANSWER_ENOSYS = 4,
	ANSWER_OTHER = 8, /* another errno that the kernel would not give */
	ANSWER_KILLED = 16,
};

struct filter_facts {
	int mode;	/* "Seccomp" in /proc/self/status: 0 none, 2 a filter; -1: unknown */
	int filters;	/* how many; -1: unknown (Linux before 5.9) */
	bool permanent; /* no_new_privs is set */
	enum answer answers[TRIED_COUNT];
	char *marks; /* what else tells of a container or service, in words; "" for nothing */
	char *unit;  /* the service of systemd that this process belongs to, or NULL */
};

/* Tries the system calls in a child, because a filter can kill whoever makes them. */
void filter_examine(struct filter_facts *filter);

/* Returns true if the filter refuses a system call of io_uring. */
bool filter_refuses_ring(const struct filter_facts *filter);

/* Returns the answer as users know it: "EPERM", "SIGSYS". */
const char *filter_answer_name(enum answer answer);

/* looks_like: what profile_id() says. */
void filter_json(struct json *json, const struct filter_facts *filter, const char *looks_like);

#endif

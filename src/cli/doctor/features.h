/* SPDX-License-Identifier: MIT */
/* Which parts of io_uring are there, and what is lost without the others. */
#ifndef RINGSHIM_CLI_DOCTOR_FEATURES_H
#define RINGSHIM_CLI_DOCTOR_FEATURES_H

#include "cli/doctor/report.h"
#include "uring/uring.h"

enum { FEATURES_MOST = 96 };

struct features_facts {
	struct uring_support support;
	bool asked; /* the kernel was asked; else no ring can be made */
	/* Of each row of features.def. */
	bool lacks[FEATURES_MOST];  /* the kernel has it not */
	bool denied[FEATURES_MOST]; /* the kernel has it, but refuses it to this task */
	bool restricted;	    /* the ring refuses registrations: it may lack more */
};

/* Asks the kernel, with rings that are gone when this returns. */
void features_examine(struct features_facts *features);

/* Looks for operations that the ring refuses; features->support says which ones it has. */
void features_find_denied(struct features_facts *features, struct uring *ring);

void features_report(struct report *report, const struct features_facts *features);
void features_json(struct json *json, const struct features_facts *features);

#endif

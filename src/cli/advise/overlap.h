/* SPDX-License-Identifier: MIT */
/* Sorts waits by what they were for, which says whether they could overlap. */
#ifndef RINGSHIM_CLI_ADVISE_OVERLAP_H
#define RINGSHIM_CLI_ADVISE_OVERLAP_H

#include "cli/advise/recording.h"

enum wait_kind {
	WAIT_FILES,	 /* different files are opened, looked up or read first */
	WAIT_SEQUENCE,	 /* a file is read on */
	WAIT_OFFSETS,	 /* a file is read at offsets that do not follow */
	WAIT_SYNCS,	 /* a file is synced for the first time */
	WAIT_SYNC_AGAIN, /* a file is synced again */
	WAIT_WRITES,
	WAIT_NAMES, /* files are made, renamed, removed */
	WAIT_PEERS, /* somebody else has to answer: sockets, pipes, terminals */
	WAIT_KINDS
};

struct wait_group {
	size_t count;
	double ns; /* the sum of the waits */
};

struct overlap {
	enum wait_kind *kinds; /* of each wait of the recording */
	struct wait_group groups[WAIT_KINDS];
};

void overlap_find(struct overlap *overlap, const struct recording *recording);

/*
 * Returns how long, in ns, at least one wait of these kinds (a set of bits 1 << kind) went on: what
 * waited at the same time counts once.
 */
double overlap_union(const struct overlap *overlap, const struct recording *recording,
		     unsigned kinds);

/* What such waits were for, in a few words; and whether they can overlap. */
const char *wait_kind_text(enum wait_kind kind);
bool wait_kind_can_overlap(enum wait_kind kind);
/* The same in one word, for JSON. */
const char *wait_kind_name(enum wait_kind kind);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Places in which threads say what they wait for, for those who watch the process from outside. A
 * thread has a place only while it waits, and only if somebody made places (route/stats.h).
 */
#ifndef SHIM_FD_WAIT_PLACE_H
#define SHIM_FD_WAIT_PLACE_H

#include "shim/base/base.h"

enum { WAIT_PLACES = 64 };

struct wait_place {
	_Atomic uint32_t thread; /* its tid; 0: the place is free */
	int32_t fd;		 /* -1: none */
	_Atomic uint64_t since;	 /* CLOCK_MONOTONIC, ns; 0: the rest is not valid */
	uint32_t opcode;
	uint32_t unused;
};

/* WAIT_PLACES of them; NULL: nobody watches. */
extern struct wait_place *_Atomic wait_places HIDDEN;

/* Takes a place for thread. Returns it, or NULL if none is free. */
struct wait_place *wait_place_take(uint32_t thread, unsigned opcode, int fd);

/* Gives a place back. */
void wait_place_free(struct wait_place *place);

#endif

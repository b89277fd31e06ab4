/* SPDX-License-Identifier: MIT */
/* The functions that notice what the program does, and those of libc that they stand in front of. */
#ifndef SHIM_AHEAD_NOTICE_NATIVES_H
#define SHIM_AHEAD_NOTICE_NATIVES_H

#include "shim/symbols/next-symbol.h"

/* What next_table had before ours were put there. */
extern struct next notice_natives HIDDEN;

/*
 * A symbol that we stand in front of. same: libc's function of that name must be the one of symbol
 * as well (open64 and open), because ours calls that one.
 */
struct notice {
	uint16_t slot, same;
	void *function;
};

#define NOTICE(symbol, same, function)                                 \
	{                                                              \
		NEXT_SLOT(symbol), NEXT_SLOT(same), (void *)(function) \
	}

/* Puts functions into next_table. */
void notices_put(const struct notice *notices, size_t count);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Functions that stand in next_table in place of libc's. They see each native call that the library
 * makes, and make it.
 */
#ifndef SHIM_SYMBOLS_STAND_IN_H
#define SHIM_SYMBOLS_STAND_IN_H

#include "shim/symbols/next-symbol.h"

/*
 * A symbol that a function stands in for. same: the definition of that symbol must be the one of
 * slot as well (open64 and open), because the function calls that one.
 */
struct stand_in {
	uint16_t slot, same;
	void *function;
};

#define STAND_IN(symbol, same, function)                               \
	{                                                              \
		NEXT_SLOT(symbol), NEXT_SLOT(same), (void *)(function) \
	}

/*
 * Puts the functions into next_table. before gets what the table had there: libc's definitions, or
 * functions that were put there earlier. A symbol that libc does not have is left out.
 */
void stand_ins_put(const struct stand_in *list, size_t count, struct next *before);

#endif

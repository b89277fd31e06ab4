/* SPDX-License-Identifier: MIT */
/*
 * Finds the next definition of each interposed symbol: libc's, or that of another preload library
 * that comes after ours.
 */
#ifndef SHIM_SYMBOLS_NEXT_SYMBOL_H
#define SHIM_SYMBOLS_NEXT_SYMBOL_H

#include "shim/symbols/call-ids.h"
#include "shim/symbols/prototypes.h"

/* The definitions, one pointer for each symbol; NULL: not looked up yet. */
struct next {
#define FAMILY(name, on, text)
#define CALL(call, family)
#define NAME(symbol) __typeof__(symbol) *symbol;
#define WATCH(symbol) __typeof__(symbol) *symbol;
#include "shim/symbols/calls-rows.h"
#undef FAMILY
#undef CALL
#undef NAME
#undef WATCH
};

extern struct next next_table HIDDEN EARLY;

/* The index of a symbol in the table. */
#define NEXT_SLOT(symbol) (offsetof(struct next, symbol) / sizeof(void *))

/* Looks up the symbol with that index. Returns NULL if the running libc does not have it. */
void *next_look_up(size_t slot);

static inline void *next_find(size_t slot)
{
	void *address = __atomic_load_n((void **)&next_table + slot, __ATOMIC_RELAXED);

	return likely(address != NULL) ? address : next_look_up(slot);
}

/*
 * The next definition of symbol. It can be used at any time, even before any constructor has run.
 * NULL if the running libc does not have the symbol; ours can then only be reached by a program
 * that looked it up by name.
 */
#define NEXT(symbol) ((__typeof__(next_table.symbol))next_find(NEXT_SLOT(symbol)))

/* Called once, by the constructor. */
void next_start(void);

/* Returns true if the program runs under valgrind, which loads a library of its own into it. */
bool next_under_valgrind(void);

/* Returns true if address is in libc. For calls after next_start(). */
bool next_is_in_libc(const void *address);

/* Returns true if another library defines the call between our definition and libc's. */
bool next_is_foreign(enum call call);

#endif

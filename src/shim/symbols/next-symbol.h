/*
 * The next definition of each interposed symbol: libc's, or that of another
 * preload library behind ours.
 */
#ifndef SHIM_SYMBOLS_NEXT_SYMBOL_H
#define SHIM_SYMBOLS_NEXT_SYMBOL_H

#include "shim/symbols/call-ids.h"
#include "shim/symbols/prototypes.h"

/* NULL: not looked up yet. */
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

/* The place of a symbol in the table. */
#define NEXT_SLOT(symbol) (offsetof(struct next, symbol) / sizeof(void *))

/* Looks the symbol of that place up; NULL where the running libc has none. */
void *next_look_up(size_t slot);

static inline void *next_find(size_t slot)
{
	void *address = __atomic_load_n((void **)&next_table + slot, __ATOMIC_RELAXED);

	return likely(address != NULL) ? address : next_look_up(slot);
}

/*
 * The next definition of symbol; usable at any time, also before any constructor
 * has run. NULL where the running libc has no such symbol; then nothing can call
 * ours either, unless it was looked up by name.
 */
#define NEXT(symbol) ((__typeof__(next_table.symbol))next_find(NEXT_SLOT(symbol)))

/* To be called once, by the constructor. */
void next_start(void);

/* Whether the program runs under valgrind, which shows by a library of its own. */
bool next_under_valgrind(void);

/* Whether another library's definition stands between ours and libc's. */
bool next_is_foreign(enum call call);

#endif

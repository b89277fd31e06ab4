/*
 * The next definition of each interposed symbol: libc's, or that of another
 * preload library behind ours.
 */
#ifndef SHIM_NEXT_H
#define SHIM_NEXT_H

#include "shim/calls.h"
#include "shim/prototypes.h"

struct next {
#define FAMILY(name, on, text)
#define CALL(call, family)
#define NAME(symbol) __typeof__(symbol) *symbol;
#define WATCH(symbol) __typeof__(symbol) *symbol;
#include "shim/calls-rows.h"
#undef FAMILY
#undef CALL
#undef NAME
#undef WATCH
};

extern struct next next_table HIDDEN;
extern atomic_bool next_ready HOT;

void next_resolve(void);

/*
 * Usable at any time, also before any constructor has run. A member is NULL
 * where the running libc has no such symbol; then nothing can call ours either,
 * unless it was looked up by name.
 */
static inline const struct next *next(void)
{
	if (unlikely(!atomic_load_explicit(&next_ready, memory_order_acquire)))
		next_resolve();
	return &next_table;
}

/* Whether another library's definition stands between ours and libc's. */
bool next_is_foreign(enum call call);

#endif

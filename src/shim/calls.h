/* Calls and families as numbers and names; made from calls.def. */
#ifndef SHIM_CALLS_H
#define SHIM_CALLS_H

#include "shim/base.h"

enum call {
#define CALL(call, family) CALL_##call,
#define NAME(symbol)
#define WATCH(symbol)
#include "shim/calls.def"
#undef CALL
#undef NAME
#undef WATCH
	CALL_COUNT
};

struct call_name {
	const char *name;
	const char *family;
};

extern const struct call_name call_names[CALL_COUNT];

#endif

/* SPDX-License-Identifier: MIT */
/* The numbers and names of families and calls, from calls.table. */
#ifndef SHIM_SYMBOLS_CALL_IDS_H
#define SHIM_SYMBOLS_CALL_IDS_H

#include "shim/base/base.h"

enum family_id {
#define FAMILY(name, on, text) FAMILY_##name,
#define CALL(call, family)
#define NAME(symbol)
#define WATCH(symbol)
#include "shim/symbols/calls-rows.h"
#undef FAMILY
#undef CALL
	FAMILY_COUNT
};

enum call {
#define FAMILY(name, on, text)
#define CALL(call, family) CALL_##call,
#include "shim/symbols/calls-rows.h"
#undef FAMILY
#undef CALL
#undef NAME
#undef WATCH
	CALL_COUNT
};

struct family {
	const char *name;
	bool on; /* its calls take part unless the settings leave them out */
	const char *text;
};

struct call_name {
	const char *name;
	enum family_id family;
};

extern const struct family families[FAMILY_COUNT];
extern const struct call_name call_names[CALL_COUNT];

#endif

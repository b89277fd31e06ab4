/* SPDX-License-Identifier: MIT */
/* The names of families and calls, from calls.table. */
#include "shim/symbols/call-ids.h"

#define NAME(symbol)
#define WATCH(symbol)

const struct family families[FAMILY_COUNT] = {
#define FAMILY(name, on, text) [FAMILY_##name] = { #name, on, text },
#define CALL(call, family)
#include "shim/symbols/calls-rows.h"
#undef FAMILY
#undef CALL
};

const struct call_name call_names[CALL_COUNT] = {
#define FAMILY(name, on, text)
#define CALL(call, family) [CALL_##call] = { #call, FAMILY_##family },
#include "shim/symbols/calls-rows.h"
};

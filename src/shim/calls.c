#include "shim/calls.h"

const struct call_name call_names[CALL_COUNT] = {
#define CALL(call, family) [CALL_##call] = { #call, #family },
#define NAME(symbol)
#define WATCH(symbol)
#include "shim/calls.def"
};

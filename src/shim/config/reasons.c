/* SPDX-License-Identifier: MIT */
/* The names of the reasons, for the statistics. */
#include "shim/config/reasons.h"

const char *const reason_names[REASON_COUNT] = {
#define REASON(name, word, text) [REASON_##name] = word,
#include "shim/config/reasons.def"
};

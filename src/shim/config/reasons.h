/* SPDX-License-Identifier: MIT */
/* How a call went: by ring, or direct and for which reason. Built from reasons.def. */
#ifndef SHIM_CONFIG_REASONS_H
#define SHIM_CONFIG_REASONS_H

enum reason {
#define REASON(name, word, text) REASON_##name,
#include "shim/config/reasons.def"
#undef REASON
	REASON_COUNT
};

extern const char *const reason_names[REASON_COUNT];

#endif

/* SPDX-License-Identifier: MIT */
/* Storage for a flag of prepare-flags.h; symbols/probes.c has the others. */
#include "shim/queue/prepare-flags.h"

bool auto_active;

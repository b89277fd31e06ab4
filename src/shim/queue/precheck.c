/* SPDX-License-Identifier: MIT */
/* Storage for the flags of precheck.h. */
#include "shim/queue/precheck.h"

_Atomic uint8_t prechecks;
bool auto_active;

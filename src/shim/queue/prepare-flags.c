/* SPDX-License-Identifier: MIT */
/* Storage for the flags of prepare-flags.h. */
#include "shim/queue/prepare-flags.h"

_Atomic uint8_t prepare_flags;
bool auto_active;

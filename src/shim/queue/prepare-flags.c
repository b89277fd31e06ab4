/* SPDX-License-Identifier: MIT */
/* Storage for the flags of prepare-flags.h. */
#include "shim/queue/prepare-flags.h"

_Atomic uint32_t prepare_flags;
#ifdef RINGSHIM_PROBES
extern _Atomic uint32_t ringshim_submit_semaphore HIDDEN
	__attribute__((alias("prepare_flags"), used));
#endif
bool auto_active;

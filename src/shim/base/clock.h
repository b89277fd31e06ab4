/* SPDX-License-Identifier: MIT */
#ifndef SHIM_BASE_CLOCK_H
#define SHIM_BASE_CLOCK_H

#include "shim/base/base.h"

/* Returns CLOCK_MONOTONIC in ns. */
int64_t monotonic_now(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Makes libc's stdio streams call our functions. If libc's tables are not as expected, streams
 * stay native and the log says so.
 */
#ifndef SHIM_CALLS_FILE_STDIO_H
#define SHIM_CALLS_FILE_STDIO_H

#include "shim/base/base.h"

void stdio_start(void);

/* Returns true if streams call our functions. */
bool stdio_is_watched(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Makes libc's stdio streams call our functions. If libc's tables are not as expected, streams
 * stay native and the log says so.
 */
#ifndef SHIM_CALLS_FILE_STDIO_H
#define SHIM_CALLS_FILE_STDIO_H

void stdio_start(void);

#endif

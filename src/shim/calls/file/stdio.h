/* Makes libc's streams call us, where libc looks as expected; said in the log where not. */
#ifndef SHIM_CALLS_FILE_STDIO_H
#define SHIM_CALLS_FILE_STDIO_H

void stdio_start(void);

#endif

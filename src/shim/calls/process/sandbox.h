/* Around the installation of a system call filter. */
#ifndef SHIM_CALLS_PROCESS_SANDBOX_H
#define SHIM_CALLS_PROCESS_SANDBOX_H

#include "shim/base/base.h"

/* Whether prctl(option, mode) installs one: seccomp, or syscall user dispatch. */
bool sandbox_is_filter(int option, unsigned long mode);

void sandbox_filter_begin(void);
/* installed: whether there is one more than before; dispatch: syscall user dispatch. */
void sandbox_filter_end(bool installed, bool dispatch);

/* Whether a system call that libc's own code does not make may not be made at all. */
bool sandbox_is_dispatched(void);

#endif

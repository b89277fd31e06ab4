/* Around the installation of a system call filter. */
#ifndef SHIM_CALLS_SANDBOX_H
#define SHIM_CALLS_SANDBOX_H

void sandbox_filter_begin(void);
/* Returns ret, what the installation answered. */
int sandbox_filter_end(int ret);

#endif

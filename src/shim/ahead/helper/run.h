/* SPDX-License-Identifier: MIT */
/* The work of the helper process, from its start to its end. */
#ifndef SHIM_AHEAD_RUN_H
#define SHIM_AHEAD_RUN_H

/* The function of the helper process. arg is the struct ahead. */
int run_helper(void *arg);

#endif

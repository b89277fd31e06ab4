/* SPDX-License-Identifier: MIT */
/* What the helper process does, from its start to its end. */
#ifndef SHIM_AHEAD_RUN_H
#define SHIM_AHEAD_RUN_H

/* The function of the helper process. arg is the struct ahead. */
int run_helper(void *arg);

#endif

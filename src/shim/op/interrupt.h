/* SPDX-License-Identifier: MIT */
/*
 * Wraps the program's signal handlers, so that none runs while an operation of its thread is in
 * flight (doc/design.md, Interruption), and keeps what the program installed.
 */
#ifndef SHIM_OP_INTERRUPT_H
#define SHIM_OP_INTERRUPT_H

#include <signal.h>
#include "shim/base/base.h"

typedef __sighandler_t handler_fn;

/*
 * Returns what to install in place of the program's handler: the wrapper, or handler itself if it
 * is SIG_DFL, SIG_IGN, SIG_ERR or SIG_HOLD.
 */
handler_fn interrupt_wrap(handler_fn handler);

/* Returns true if handler is the wrapper. */
bool interrupt_is_wrapper(handler_fn handler);

/*
 * Returns or sets the program's handler for sig, which the wrapper calls. restarts: the handler has
 * SA_RESTART.
 */
handler_fn interrupt_handler(int sig);
void interrupt_set_handler(int sig, handler_fn handler, bool restarts);

/* Returns or sets whether that handler has SA_RESTART. */
bool interrupt_restarts(int sig);
void interrupt_set_restarts(int sig, bool restarts);

/*
 * Makes every other thread end its operation in flight and continue that call directly. The caller
 * has blocked all rings before (rings_block()), so that no thread enters one again.
 */
void interrupt_others(void);

#endif

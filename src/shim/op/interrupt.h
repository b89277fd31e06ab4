/*
 * The application's signal handlers, run so that no operation of their thread
 * is in flight (design: no handler runs over an operation).
 */
#ifndef SHIM_OP_INTERRUPT_H
#define SHIM_OP_INTERRUPT_H

#include <signal.h>
#include "shim/base/base.h"

typedef __sighandler_t handler_fn;

/* What to give the kernel in place of the program's handler. */
handler_fn interrupt_wrap(handler_fn handler);

/* Whether the kernel would call us. */
bool interrupt_is_wrapper(handler_fn handler);

/* The program's handler for sig: what our wrapper calls. */
handler_fn interrupt_handler(int sig);
void interrupt_set_handler(int sig, handler_fn handler, bool restarts);

/* Whether that handler has SA_RESTART. */
bool interrupt_restarts(int sig);
void interrupt_set_restarts(int sig, bool restarts);

/*
 * Makes every other thread end the operation it has in flight, and go on with
 * its call directly. No ring may be entered by then: the process is blocked.
 */
void interrupt_others(void);

#endif

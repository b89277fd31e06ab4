/* System call filters, after which entering a ring may be fatal. */
#include <stdarg.h>
#include "shim/calls/sandbox.h"
#include "shim/interrupt.h"
#include "shim/iowq.h"
#include "shim/next.h"
#include "shim/process.h"
#include "shim/stats.h"
#include "shim/thread.h"

/* From before the call on, as it may be the last that is allowed. */
void sandbox_filter_begin(void)
{
	/* Opening the file at the end may be forbidden by then. */
	stats_close();
	/* A worker that outlives us would give the process its own exit status. */
	iowq_end_workers(&thread_self);
	process_block(REASON_SANDBOX);
	interrupt_others();
}

int sandbox_filter_end(int ret)
{
	if (ret)
		process_lift(REASON_SANDBOX);
	return ret;
}

EXPORT int prctl(int option, ...)
{
	unsigned long a[4];
	va_list args;

	va_start(args, option);
	for (size_t i = 0; i < 4; i++)
		a[i] = va_arg(args, unsigned long);
	va_end(args);
	if (option != PR_SET_SECCOMP)
		return NEXT(prctl)(option, a[0], a[1], a[2], a[3]);
	sandbox_filter_begin();
	return sandbox_filter_end(NEXT(prctl)(option, a[0], a[1], a[2], a[3]));
}

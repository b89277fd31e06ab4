/* SPDX-License-Identifier: MIT */
/*
 * Records which threads have been cancelled, and which can be cancelled at any instruction. The
 * operations of the latter have a cleanup handler (op_submit_with_cleanup() in op/submit.h).
 */
#include <pthread.h>
#include "shim/symbols/next-symbol.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"

EXPORT int pthread_setcanceltype(int type, int *old)
{
	struct thread *thread = &thread_self;
	bool before = thread->cancels_asynchronously;
	bool asynchronous = type == PTHREAD_CANCEL_ASYNCHRONOUS;
	int ret;

	/*
	 * Set the flag before the type becomes asynchronous, and clear it only after the type
	 * is deferred again.
	 */
	thread->cancels_asynchronously = before || asynchronous;
	ret = NEXT(pthread_setcanceltype)(type, old);
	thread->cancels_asynchronously = ret ? before : asynchronous;
	return ret;
}

EXPORT int pthread_cancel(pthread_t thread)
{
	int ret = NEXT(pthread_cancel)(thread);

	/*
	 * Not before the call: if a handler ends in between, the cancellation comes after it
	 * and can still take effect.
	 */
	if (!ret && !sys_forbidden())
		thread_note_cancelled(thread);
	return ret;
}

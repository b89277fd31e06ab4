/* Which threads are cancelled, and which at any instruction: their operations are enclosed (drive.h). */
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

	/* From before it is to when it no longer is. */
	thread->cancels_asynchronously = before || asynchronous;
	ret = NEXT(pthread_setcanceltype)(type, old);
	thread->cancels_asynchronously = ret ? before : asynchronous;
	return ret;
}

EXPORT int pthread_cancel(pthread_t thread)
{
	int ret = NEXT(pthread_cancel)(thread);

	/* Not before: a handler that ends meanwhile may still be followed by a cancellation. */
	if (!ret && !sys_forbidden())
		thread_note_cancelled(thread);
	return ret;
}

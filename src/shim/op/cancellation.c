/* SPDX-License-Identifier: MIT */
/*
 * Cancellation of a thread that waits for an operation, done as the glibc that runs does it: sets
 * the cancel type around a wait on the ring and around a handler that interrupts one.
 */
#include <pthread.h>
#include "shim/op/cancellation.h"
#include "shim/symbols/next-symbol.h"

/*
 * glibc 2.41 added this symbol. Its address tells the version without reading libc's version
 * string, which lies on a page that a start would touch for nothing else.
 */
extern const char sched_setattr_of_libc __asm__("sched_setattr") __attribute__((weak));

static bool handlers_are_spared(void)
{
	return &sched_setattr_of_libc != NULL;
}

int cancellation_enter_wait(const struct operation *op)
{
	int type = PTHREAD_CANCEL_DEFERRED;

	if (!op->status.uncancellable)
		NEXT(pthread_setcanceltype)(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	return type;
}

void cancellation_leave_wait(int type)
{
	NEXT(pthread_setcanceltype)(type, NULL);
}

int cancellation_enter_handler(const struct thread *thread, const struct operation *op)
{
	int type = PTHREAD_CANCEL_DEFERRED;

	if (handlers_are_spared() && op && op_is_cancellable(op) && !thread->cancels_asynchronously)
		NEXT(pthread_setcanceltype)(PTHREAD_CANCEL_DEFERRED, &type);
	return type;
}

void cancellation_leave_handler(const struct thread *thread, struct operation *op, int type)
{
	if (type == PTHREAD_CANCEL_DEFERRED)
		return;
	if (thread->cancelled)
		op->status.uncancellable = true;
	else
		NEXT(pthread_setcanceltype)(type, NULL);
}

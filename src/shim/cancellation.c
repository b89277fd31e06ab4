#include <pthread.h>
#include <stdlib.h>
#include "shim/cancellation.h"
#include "shim/drive.h"
#include "shim/next.h"

/* glibc 2.41 or newer: handlers are not cancelled. */
static bool handlers_are_spared;

void cancellation_start(const char *version)
{
	char *minor;
	long major = strtol(version, &minor, 10);

	handlers_are_spared = major > 2 || (*minor == '.' && strtol(minor + 1, NULL, 10) >= 41);
}

int cancellation_enter_wait(const struct operation *op)
{
	int type = PTHREAD_CANCEL_DEFERRED;

	if (!op->uncancellable)
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

	if (handlers_are_spared && op && drive_cancellable(op) && !thread->asynchronous)
		NEXT(pthread_setcanceltype)(PTHREAD_CANCEL_DEFERRED, &type);
	return type;
}

void cancellation_leave_handler(const struct thread *thread, struct operation *op, int type)
{
	if (type == PTHREAD_CANCEL_DEFERRED)
		return;
	if (thread->cancelled)
		op->uncancellable = true;
	else
		NEXT(pthread_setcanceltype)(type, NULL);
}

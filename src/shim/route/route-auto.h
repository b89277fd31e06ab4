/*
 * RINGSHIM_ROUTE=auto: learns for each call and kind of descriptor, from the
 * operations' own completions, where the ring is only a detour: where a kernel
 * worker runs what natively would not wait, or where nothing waits at all, so
 * that the ring costs time and wins none. Such calls go direct, but for one
 * now and then that looks again.
 */
#ifndef SHIM_ROUTE_ROUTE_AUTO_H
#define SHIM_ROUTE_ROUTE_AUTO_H

#include "shim/symbols/call-ids.h"
#include "shim/fd/fdtable.h"
#include "shim/config/settings.h"
#include "shim/queue/precheck.h"
#include "shim/ring/thread.h"

/* To be called once, when the settings are known. */
void auto_start(void);

enum { AUTO_RETRY_CALLS = 16384 };	/* every so many calls that go direct, of a thread */

/* Whether this call should go direct. */
bool auto_is_detour(struct thread *thread, enum call call, fd_info info);

/* Whether one that should goes direct now; if not, auto_is_detour decides. */
static inline bool auto_counts_direct(struct thread *thread)
{
	if (thread->detours >= AUTO_RETRY_CALLS)
		return false;
	thread->detours++;
	return true;
}

/*
 * How a call by ring last_outcome, which thread->last_outcome tells. REASON_DETOUR if the next
 * ones should go direct, else REASON_RING.
 */
enum reason auto_record(const struct thread *thread, enum call call, fd_info info);

#endif

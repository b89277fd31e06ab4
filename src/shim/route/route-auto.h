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
void learn_start(void);

enum { LEARN_LOOK_AGAIN = 16384 };	/* every so many calls that go direct, of a thread */

/* Whether this call should go direct. */
bool learn_detour(struct thread *thread, enum call call, fd_info info);

/* Whether one that should goes direct now; if not, learn_detour decides. */
static inline bool learn_passes(struct thread *thread)
{
	if (thread->detours >= LEARN_LOOK_AGAIN)
		return false;
	thread->detours++;
	return true;
}

/*
 * How a call by ring went, which thread->went tells. REASON_DETOUR if the next
 * ones should go direct, else REASON_RING.
 */
enum reason learn_from(const struct thread *thread, enum call call, fd_info info);

#endif

/* Taking a file position for one operation, so that no byte is lost or read twice. */
#ifndef SHIM_CALLS_POSITION_H
#define SHIM_CALLS_POSITION_H

#include "shim/route.h"

/*
 * Makes sure that nobody but the calling thread can use the file position of
 * the route's descriptor until position_give; false when that cannot be had.
 */
bool position_take(struct route *route);

/* done: the operation ran. If not, the native call will, and owns the position. */
void position_give(struct route *route, bool done);

/*
 * A call at fd's position goes direct, past our lock: from now on all do, so
 * that the kernel's lock protects them from one another. Returns false.
 */
bool position_leave(int fd);

/* Keeps ring operations off fd's position while the native call uses it. */
struct position_guard {
	bool locked;
};

struct position_guard position_guard(int fd);
void position_unguard(const struct position_guard *guard);

#endif

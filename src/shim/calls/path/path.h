/* SPDX-License-Identifier: MIT */
/*
 * Common code of the path family: calls on names and attributes of files, and calls that create
 * and close descriptors.
 */
#ifndef SHIM_CALLS_PATH_PATH_H
#define SHIM_CALLS_PATH_PATH_H

#include "shim/queue/sqe.h"
#include "shim/route/route.h"

/*
 * Begins a call that is not a cancellation point. Returns true if it can go by ring; *op is
 * then ready for its sqe.
 */
bool path_begin(struct route *route, struct operation *op, enum call call);

/*
 * Runs op and counts the call. Returns true if *res is its result, false if it is to be made
 * directly. The native call is also made if this kernel lacks the operation, or on an error
 * that comes with a signal: the operation has had no effect then.
 */
bool path_run(struct route *route, struct operation *op, ssize_t *res);

/* Does the same for an operation that has run, with the result ret. */
bool path_finish(struct route *route, int ret, ssize_t *res);

/*
 * Returns true if an operation that failed with err (a negative errno) may have looked up a
 * name of the io-wq worker that ran it: /proc/thread-self is a different directory for each
 * thread.
 */
bool path_names_thread(const char *path, int err);

/*
 * The program opened path as fd. If that shows the tasks of this process, ends the workers of
 * this thread. If it shows how much a process has read and written, calls go direct from then
 * on.
 */
void path_note_opened(int fd, const char *path);

#endif

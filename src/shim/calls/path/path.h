/* What the calls of the path family have in common. */
#ifndef SHIM_CALLS_PATH_PATH_H
#define SHIM_CALLS_PATH_PATH_H

#include "shim/queue/sqe.h"
#include "shim/route/route.h"

/* Begins a call that is no cancellation point: whether it may go by ring. */
bool path_begin(struct route *route, struct operation *op, enum call call);

/*
 * Runs op and settles the account. An operation that this kernel lacks, and
 * errors that come with a signal, are left to the native call: none has done
 * anything.
 */
bool path_run(struct route *route, struct operation *op, ssize_t *res);

/* The same for an operation that was run, and answered ret. */
bool path_finish(struct route *route, int ret, ssize_t *res);

/*
 * Whether an operation that failed with err may have looked for the names of
 * the worker that ran it: /proc/thread-self is another directory for each thread.
 */
bool path_names_thread(const char *path, int err);

/*
 * The program opened path as fd. It may look at what differs by ring: at the tasks
 * of this process, at what a process has read and written.
 */
void path_note_opened(int fd, const char *path);

#endif

/*
 * The kernel's workers (io-wq). Those of a ring are threads of this process,
 * made by the kernel for the thread that made the ring. They count against the
 * limits of processes, they share the descriptor table, and they keep the
 * namespaces, the root and the priority that the thread had when they were
 * made. So they are ended before any of that matters.
 */
#ifndef SHIM_QUEUE_IOWQ_WORKERS_H
#define SHIM_QUEUE_IOWQ_WORKERS_H

#include "shim/ring/thread.h"

/*
 * Ends the calling thread's workers, and with them its ring; its next call by
 * ring makes a new one. Takes 20 ms if there are any. Returns true if there were
 * some and they are gone. Where the kernel keeps them, thread->may_have_workers stays set.
 */
bool iowq_end_workers(struct thread *thread);

/*
 * The program looked up path, with success. If that shows the tasks of this
 * process, ends its workers. Returns true if there were any, so that the
 * program is to be told anew what it looked for.
 */
bool iowq_end_if_listed(const char *path);

/* The kernel could make no worker: for some time none is asked for. */
void iowq_deny_workers(void);

/* Returns true if an operation that needs a worker goes direct for that reason. */
bool iowq_has_denied_workers(void);

/*
 * A process or thread could not be made, with EAGAIN. Returns true if that may
 * have been because of this thread's workers: they are gone, and none is made
 * for some time, so that the caller can try again.
 */
bool iowq_end_for_limit(void);

#endif

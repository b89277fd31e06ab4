/* SPDX-License-Identifier: MIT */
/*
 * Ends the kernel's io-wq workers before the program can notice them. The workers of a ring are
 * threads of this process, which the kernel creates for the thread that made the ring. They count
 * against process limits, share the descriptor table, and keep the namespaces, the root and the
 * priority that the thread had when they were created.
 */
#ifndef SHIM_IOWQ_WORKERS_H
#define SHIM_IOWQ_WORKERS_H

#include "shim/iowq/ops.h"
#include "shim/queue/prepare-flags.h"
#include "shim/ring/thread.h"

/*
 * Ends the calling thread's workers together with its ring; its next call through a ring makes a
 * new one. If there are any workers this takes 20 ms, on an overloaded machine seconds. Returns true
 * if there were some and they are gone. If the kernel keeps them, thread->may_have_workers stays set,
 * and calls that need a worker are denied one.
 */
bool iowq_end_workers(struct thread *thread);

/*
 * Call after the program looked path up with success. If path shows the tasks of this process,
 * ends the calling thread's workers. Returns true if there were some and they are gone; what the
 * program was told is then out of date, and can be looked up again.
 */
bool iowq_end_if_listed(const char *path);

/* Call when the kernel could create no worker: for some time none is asked for. */
void iowq_deny_workers(void);

/*
 * Call for an operation that needs a worker. Returns true if it must go direct for that reason, and
 * counts it.
 */
bool iowq_has_denied_workers(void);

/*
 * Call when a process or thread could not be created, with EAGAIN. Returns true if this thread's
 * workers can have been the reason. They are gone then, and none is created for some time, so that
 * the caller can try again.
 */
bool iowq_end_for_limit(void);

#endif

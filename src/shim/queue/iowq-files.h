/*
 * Makes the kernel let go of files. A worker of the kernel may hold the file of
 * an operation that is long done, until the thread enters its ring again: if the
 * descriptor is closed meanwhile, the file stays open. A polling thread holds it
 * until it comes by again, which takes long on a busy machine.
 */
#ifndef SHIM_QUEUE_IOWQ_FILES_H
#define SHIM_QUEUE_IOWQ_FILES_H

#include "shim/ring/thread.h"

/* The long way of iowq_drop_files. Asks for fd's file, if it is not -1, and for what the last noted operation used. */
void iowq_drop_files_now(struct thread *thread, int fd);

/* Before fd is closed; fd -1: before several are, or before the thread's ring goes. */
static inline void iowq_drop_files(struct thread *thread, int fd)
{
	if (unlikely(thread->iowq_user_data))
		iowq_drop_files_now(thread, fd);
}

/* As iowq_drop_files, for thread_start: before the thread's ring goes. */
void iowq_drop_all_files(struct thread *thread);

#endif

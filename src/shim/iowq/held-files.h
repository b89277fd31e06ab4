/* SPDX-License-Identifier: MIT */
/*
 * Makes the kernel drop the files of operations that are done. An io-wq worker can hold the file of
 * an operation that is long done, until the thread enters its ring again. If the descriptor is
 * closed meanwhile, the file stays open. A polling thread holds the file until it looks at the
 * queue again, which takes long on a busy machine.
 */
#ifndef SHIM_IOWQ_HELD_FILES_H
#define SHIM_IOWQ_HELD_FILES_H

#include "shim/ring/thread.h"

/*
 * Slow path of iowq_drop_files(). Drops the file of fd, unless that is -1, and the file of the
 * last operation that iowq_note_file() recorded.
 */
void iowq_drop_files_now(struct thread *thread, int fd);

/*
 * Call before fd is closed. With fd -1: before several descriptors are closed, or before the
 * thread's ring is destroyed.
 */
static inline void iowq_drop_files(struct thread *thread, int fd)
{
	if (unlikely(thread->iowq_user_data))
		iowq_drop_files_now(thread, fd);
}

/* iowq_drop_files() with fd -1, as the callback that thread_start() takes. */
void iowq_drop_all_files(struct thread *thread);

#endif

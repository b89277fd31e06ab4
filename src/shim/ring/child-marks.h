/* SPDX-License-Identifier: MIT */
/*
 * Marks of forked children that wait on a ring. When a signal kills a process that waits on a ring,
 * the process is gone before the kernel has dropped its files. So each child leaves a mark while it
 * waits, on a page that it shares with its parent. The parent looks there when the child has ended.
 */
#ifndef SHIM_RING_CHILD_MARKS_H
#define SHIM_RING_CHILD_MARKS_H

#include "shim/base/base.h"

struct child {
	_Atomic uint32_t pid;	/* as the parent sees it; 0: the place is free */
	_Atomic uint16_t waits; /* number of operations that it waits for */
	atomic_bool replaced;	/* it runs another program, which leaves no marks here */
};

enum { CHILD_MARKS = 510 };

/* The page that a process shares with its children. */
struct child_marks_page {
	struct child places[CHILD_MARKS];
	atomic_int signal;	   /* asks the parent to end its workers (keyring.h), or 0 */
	_Atomic uint32_t requests; /* how often it has reached the parent */
	_Atomic uint32_t answers;  /* how often the parent has ended them */
	uint32_t unused;
};

/* The page for the calling process's children, and its parent's page; NULL: none. */
struct child_marks_page *child_marks_own_page(void);
struct child_marks_page *child_marks_parent_page(void);

/* Call before a fork. Returns a place for the child; NULL: none, so it leaves no mark. */
struct child *child_mark_reserve(void);

/* Call in the parent after the fork, with the child's pid, or -1 if there is no child. */
void child_mark_note(struct child *child, pid_t pid);

/*
 * Call in the child. The first notes that it has no children of its own yet. The second takes over
 * the place that the parent reserved for it, or NULL; call it if the fork was seen.
 */
void child_marks_reset(void);
void child_mark_adopt(struct child *child);

/* Call with true before the process executes another program, with false if that failed. */
void child_mark_note_exec(bool replaced);

/* Returns true if the kernel may still hold files for child pid, in case a signal killed it. */
bool child_marks_hold_files(pid_t pid);

/* The same for a child that was reaped. Also frees its place. */
bool child_mark_release(pid_t pid);

/* The calling process's own place on its parent's page, or NULL. */
extern struct child *child_mark_self HIDDEN;

/* Call before and after a thread waits on its ring. *marked is true in between. */
static inline void child_mark_begin_wait(bool *marked)
{
	if (likely(!child_mark_self) || *marked)
		return;
	*marked = true;
	atomic_fetch_add_explicit(&child_mark_self->waits, 1, memory_order_relaxed);
}

static inline void child_mark_end_wait(bool *marked)
{
	if (likely(!*marked))
		return;
	*marked = false;
	atomic_fetch_sub_explicit(&child_mark_self->waits, 1, memory_order_relaxed);
}

#endif

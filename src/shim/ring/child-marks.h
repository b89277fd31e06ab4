/*
 * What a process knows of the children that it forked. A process that a signal
 * kills while it waits on a ring is gone before the kernel has let go of its
 * files. So each child leaves a mark, on a page that it shares with its parent,
 * for as long as it waits; a parent that learns of its end looks there.
 */
#ifndef SHIM_RING_CHILD_MARKS_H
#define SHIM_RING_CHILD_MARKS_H

#include "shim/base/base.h"

struct child {
	_Atomic uint32_t pid;	/* as its parent sees it; 0: free */
	_Atomic uint16_t waits;	/* operations that it waits for */
	atomic_bool replaced;	/* it executes another program, which leaves no marks here */
};

enum { CHILD_MARKS = 510 };

/* A page that a process shares with its children. */
struct child_marks_page {
	struct child places[CHILD_MARKS];
	atomic_int signal;		/* what makes the parent end its workers (keyring.h), or 0 */
	_Atomic uint32_t answers;	/* how often it has */
	uint64_t unused;
};

/* The calling process's own page, and the one that it shares with its parent; NULL: none. */
struct child_marks_page *child_marks_own_page(void);
struct child_marks_page *child_marks_parent_page(void);

/* Before a fork: a place for the child, or NULL: there is none, and no mark. */
struct child *child_mark_reserve(void);

/* After it, in the parent: the child is pid, or, with -1, was not made. */
void child_mark_note(struct child *child, pid_t pid);

/* In the child, which has none of its own yet; and, if it was seen to be made, its place. */
void child_marks_reset(void);
void child_mark_adopt(struct child *child);

/* The calling process is about to execute another program, or could not. */
void child_mark_note_exec(bool replaced);

/* Returns true if the kernel may still hold files for a child that was killed. */
bool child_marks_hold_files(pid_t pid);

/* Likewise, for one that was reaped: its place is free. */
bool child_mark_release(pid_t pid);

/* The calling process's own place, or NULL. */
extern struct child *child_mark_self HIDDEN;

/* A thread begins to wait on its ring, or has ended that; *marked tells that it does. */
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

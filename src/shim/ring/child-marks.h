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

enum { CHILDREN_PLACES = 510 };

/* A page that a process shares with its children. */
struct children_page {
	struct child places[CHILDREN_PLACES];
	atomic_int signal;		/* what makes the parent end its workers (keyring.h), or 0 */
	_Atomic uint32_t answers;	/* how often it has */
	uint64_t unused;
};

/* The calling process's own page, and the one that it shares with its parent; NULL: none. */
struct children_page *children_own_page(void);
struct children_page *children_shared_page(void);

/* Before a fork: a place for the child, or NULL: there is none, and no mark. */
struct child *children_prepare(void);

/* After it, in the parent: the child is pid, or, with -1, was not made. */
void children_note(struct child *child, pid_t pid);

/* In the child, which has none of its own yet; and, if it was seen to be made, its place. */
void children_forget(void);
void children_become(struct child *child);

/* The calling process is about to execute another program, or could not. */
void children_note_exec(bool replaced);

/* Returns true if the kernel may still hold files for a child that was killed. */
bool children_hold(pid_t pid);

/* Likewise, for one that was reaped: its place is free. */
bool children_take(pid_t pid);

/* The calling process's own place, or NULL. */
extern struct child *children_self HIDDEN;

/* A thread begins to wait on its ring, or has ended that; *marked tells that it does. */
static inline void children_mark_wait(bool *marked)
{
	if (likely(!children_self) || *marked)
		return;
	*marked = true;
	atomic_fetch_add_explicit(&children_self->waits, 1, memory_order_relaxed);
}

static inline void children_unmark_wait(bool *marked)
{
	if (likely(!*marked))
		return;
	*marked = false;
	atomic_fetch_sub_explicit(&children_self->waits, 1, memory_order_relaxed);
}

#endif

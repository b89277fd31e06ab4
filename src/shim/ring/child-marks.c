/* SPDX-License-Identifier: MIT */
/* Keeps the page of child marks: places are taken at fork and freed when a child is reaped. */
#include <sys/mman.h>
#include "shim/ring/child-marks.h"
#include "shim/ring/process.h"
#include "shim/base/sys.h"

enum {
	PAGE = sizeof(struct child_marks_page),
	PLACES = CHILD_MARKS,
	/* In pid: the place is reserved, its child not yet made. */
	TAKEN = UINT32_MAX,
};

_Static_assert(sizeof(struct child_marks_page) == 4096, "the marks fill one page of memory");

/* The page for the calling process's own children, made at its first fork. */
static struct child_marks_page *_Atomic own;

/* Number of places at the start of own that have ever been used. */
static _Atomic uint32_t used;

struct child *child_mark_self;

/* The page that contains child_mark_self: the parent's own page. */
static struct child_marks_page *shared;

static struct child_marks_page *make_page(void)
{
	long ret = sys6(SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			0);

	return ret < 0 && ret > -4096 ? NULL : (struct child_marks_page *)ret;
}

static struct child_marks_page *get_page(void)
{
	struct child_marks_page *none = NULL, *page = atomic_load(&own);

	if (page || !(page = make_page()))
		return page;
	if (atomic_compare_exchange_strong(&own, &none, page))
		return page;
	sys2(SYS_munmap, (long)page, PAGE);
	return none;
}

static bool take_place(struct child *child)
{
	uint32_t free = 0;

	if (!atomic_compare_exchange_strong(&child->pid, &free, TAKEN))
		return false;
	child->waits = 0;
	child->replaced = false;
	return true;
}

static void note_used(uint32_t count)
{
	uint32_t now = atomic_load(&used);

	while (now < count && !atomic_compare_exchange_weak(&used, &now, count))
		;
}

/* Frees the places of children that were reaped without the library seeing it. */
static void free_lost_places(struct child_marks_page *page)
{
	for (size_t i = 0; i < PLACES; i++) {
		uint32_t pid = atomic_load(&page->places[i].pid);

		if (pid && pid != TAKEN && sys2(SYS_kill, pid, 0) == -ESRCH)
			atomic_compare_exchange_strong(&page->places[i].pid, &pid, 0);
	}
}

static struct child *find_place(struct child_marks_page *page)
{
	for (uint32_t i = 0; i < PLACES; i++) {
		if (page->places[i].pid || !take_place(&page->places[i]))
			continue;
		note_used(i + 1);
		return &page->places[i];
	}
	return NULL;
}

struct child *child_mark_reserve(void)
{
	struct child_marks_page *page;
	struct child *child;

	/* If no ring may be used here, no child waits on one. */
	if (atomic_load(&process.block) != REASON_RING || !(page = get_page()))
		return NULL;
	child = find_place(page);
	if (child)
		return child;
	free_lost_places(page);
	return find_place(page);
}

/*
 * Returns the child with this pid, other than except, or NULL. If two places have the pid, one of
 * them is of a child that was reaped without the library seeing it.
 */
static struct child *find_child(struct child_marks_page *page, uint32_t pid,
				const struct child *except)
{
	uint32_t count = page ? atomic_load(&used) : 0;

	for (uint32_t i = 0; i < count; i++)
		if (page->places[i].pid == pid && &page->places[i] != except)
			return &page->places[i];
	return NULL;
}

void child_mark_note(struct child *child, pid_t pid)
{
	struct child *lost;

	if (!child)
		return;
	atomic_store(&child->pid, pid > 0 ? (uint32_t)pid : 0);
	lost = pid > 0 ? find_child(atomic_load(&own), (uint32_t)pid, child) : NULL;
	if (lost)
		atomic_store(&lost->pid, 0);
}

struct child_marks_page *child_marks_own_page(void)
{
	return atomic_load(&own);
}

struct child_marks_page *child_marks_parent_page(void)
{
	return child_mark_self ? shared : NULL;
}

void child_marks_reset(void)
{
	child_mark_self = NULL;
	own = NULL;
	used = 0;
}

void child_mark_adopt(struct child *child)
{
	if (!child)
		return;
	/* The page that the parent shares with its own parent is of no use here. */
	if (shared)
		sys2(SYS_munmap, (long)shared, PAGE);
	child_mark_self = child;
	shared = (struct child_marks_page *)((uintptr_t)child & ~(uintptr_t)(PAGE - 1));
}

void child_mark_note_exec(bool replaced)
{
	if (child_mark_self)
		atomic_store(&child_mark_self->replaced, replaced);
}

/* child is NULL if it was not forked, or its fork was not seen: nothing is known of it. */
static bool may_hold(const struct child *child)
{
	return !child || child->waits || child->replaced;
}

bool child_marks_hold_files(pid_t pid)
{
	return may_hold(find_child(atomic_load(&own), (uint32_t)pid, NULL));
}

bool child_mark_release(pid_t pid)
{
	struct child *child = find_child(atomic_load(&own), (uint32_t)pid, NULL);
	bool holds = may_hold(child);

	if (child)
		atomic_store(&child->pid, 0);
	return holds;
}

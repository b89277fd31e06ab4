/* SPDX-License-Identifier: MIT */
/* The helper process: takes events, fetches, sleeps, and ends. It uses no thread-local variable. */
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include "shim/ahead/helper/run.h"
#include "shim/ahead/helper/walk.h"
#include "shim/ahead/helper/listings.h"
#include "shim/ahead/start/start-fetch.h"
#include "shim/ahead/sync/sync-early.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"
#include "shim/symbols/next-symbol.h"

struct helper {
	struct walk walk;
	struct fetcher fetcher;
	struct event event;
	char path[EVENT_PATH_MAX + 1];
};

static pid_t owner;

/* Another thread of the program is the parent now. If there is none left, another process is. */
static void end_with_owner(int signal)
{
	if (sys0(SYS_getppid) != owner)
		sys1(SYS_exit_group, 1);
}

/*
 * The kernel sends the signal when the thread ends that started the helper. SIGKILL would end the
 * helper while the program goes on, and its ring with the files in it would remain mapped.
 */
static bool end_with_program(const struct ahead *ahead)
{
	const struct sigaction action = { .sa_handler = end_with_owner, .sa_flags = SA_RESTART };
	const uint64_t all_but_one = ~(1ull << (SIGHUP - 1));

	owner = ahead->owner;
	return !NEXT(sigaction)(SIGHUP, &action, NULL) &&
		!sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all_but_one, 0, sizeof(uint64_t)) &&
		!sys2(SYS_prctl, PR_SET_PDEATHSIG, SIGHUP) && sys0(SYS_getppid) == owner;
}

/* Leaves what the program and its helper would share or inherit. Returns false on failure. */
static bool leave_program(const struct ahead *ahead)
{
	if (!end_with_program(ahead))
		return false;
	if (sys3(SYS_close_range, 0, ~0u, CLOSE_RANGE_UNSHARE))
		return false;
	sys1(SYS_chdir, (long)"/");
	sys0(SYS_setsid);
	sys3(SYS_prctl, PR_SET_NAME, (long)"ringshim-ahead", 0);
	return true;
}

/* Sleeps until the program has told enough, or for the time. Returns false after that time. */
static bool sleep_until_told(struct ahead *ahead, int events, int64_t ms)
{
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000 };

	atomic_store(&ahead->wake_at, atomic_load(&ahead->told) + events);
	atomic_store(&ahead->awake, 0);
	if (atomic_load(&ahead->head) != atomic_load(&ahead->tail) || atomic_load(&ahead->end)) {
		atomic_store(&ahead->awake, 1);
		return true;
	}
	sys6(SYS_futex, (long)&ahead->awake, FUTEX_WAIT_PRIVATE, 0, (long)&limit, 0, 0);
	atomic_store(&ahead->awake, 1);
	return atomic_load(&ahead->head) != atomic_load(&ahead->tail) || atomic_load(&ahead->end);
}

/* Lets go of every file and directory. */
static void let_go(struct helper *helper)
{
	while (helper->fetcher.in_flight)
		fetcher_run(&helper->fetcher, true, walk_note_fetched, &helper->walk);
	fetcher_release(&helper->fetcher);
	listings_forget(&helper->walk);
	start_let_go(&helper->walk);
}

/* One round: what the program told, then what can be fetched. */
static void work(struct helper *helper, struct ahead *ahead)
{
	while (event_take(ahead, &helper->event, helper->path))
		walk_note(&helper->walk, &helper->event, helper->path);
	sync_more(&helper->walk);
	start_fetch_more(&helper->walk);
	walk_fetch_more(&helper->walk);
	fetcher_run(&helper->fetcher, true, walk_note_fetched, &helper->walk);
}

enum { LET_GO_MS = 50, END_MS = 2000, EVENTS_ENOUGH = 16 };

/*
 * Returns how many events it takes to wake the helper when all in the window is fetched. A program
 * that does something else from now on is not to wait for many files natively.
 */
static int count_enough(unsigned window)
{
	return window / 4 < EVENTS_ENOUGH ? (int)(window / 4) : EVENTS_ENOUGH;
}

static void run(struct helper *helper, struct ahead *ahead)
{
	bool holds = true;

	while (!atomic_load(&ahead->end)) {
		work(helper, ahead);
		if (helper->fetcher.in_flight ||
		    sleep_until_told(ahead, count_enough(helper->walk.window),
				     holds ? LET_GO_MS : END_MS)) {
			holds = true;
			continue;
		}
		if (!holds)
			break;
		/* What is on the list of its start the program may ask for later. */
		atomic_store(&ahead->active, helper->walk.start.names.in_use);
		let_go(helper);
		holds = false;
	}
	let_go(helper);
	start_end(&helper->walk);
}

int run_helper(void *arg)
{
	struct ahead *ahead = arg;
	struct helper *helper;

	helper = leave_program(ahead) ? sys_pages(sizeof(*helper)) : NULL;
	if (!helper ||
	    fetcher_start(&helper->fetcher, settings.ahead.depth, settings.ahead.bytes)) {
		atomic_store(&ahead->state, AHEAD_NO_HELPER);
		return 1;
	}
	walk_start(&helper->walk, ahead, &helper->fetcher);
	start_load(&helper->walk);
	run(helper, ahead);
	start_store(&helper->walk);
	uring_destroy(&helper->fetcher.ring);
	sys2(SYS_munmap, (long)helper->fetcher.buffer, helper->fetcher.bytes);
	sys2(SYS_munmap, (long)helper, sizeof(*helper));
	atomic_store(&ahead->active, false);
	atomic_store(&ahead->released, 1);
	sys6(SYS_futex, (long)&ahead->released, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0, 0);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Decides what the helper is told of, and when it is started. */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include "shim/ahead/notice/directories.h"
#include "shim/ahead/name-hash.h"
#include "shim/ahead/process.h"
#include "shim/ahead/start/start-log.h"
#include "shim/ahead/notice/tell.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"
#include "shim/ring/thread.h"

enum { FAST_BETWEEN = 8 };

/* What the thread had waited for when it was last looked at. */
static _Thread_local long waited_before;

/*
 * Returns what the thread has waited for: blocks that it has read from disks or, where network file
 * systems count, how often it has slept.
 */
static long count_waits(void)
{
	struct rusage usage;

	if (sys2(SYS_getrusage, RUSAGE_THREAD, (long)&usage))
		return 0;
	return settings.ahead.kinds & AHEAD_NETWORK ? usage.ru_nvcsw : usage.ru_inblock;
}

/* Returns true if the thread has waited since this was last called. Else something else ran. */
static bool has_waited(void)
{
	long waited = count_waits();
	bool has = waited != waited_before;

	waited_before = waited;
	return has;
}

/* The directory part of the last slow call: two in the same directory start the helper. */
struct place {
	int dir;
	uint32_t hash;
	uint8_t kind;
};

static struct place place_of(const struct event *event, const char *above, const char *path)
{
	struct place place = { event->dir, NAME_HASH, event->kind };
	const char *slash = strrchr(path, '/');

	if (above)
		place.hash = hash_on(place.hash, above, above + strlen(above));
	if (slash)
		place.hash = hash_on(place.hash, path, slash);
	return place;
}

static bool is_argument(const char *path)
{
	/* Looked for from the last one on, because they come in their order. */
	static int last;

	for (int i = 0; i < ahead_arguments.count; i++) {
		int index = (last + i) % ahead_arguments.count;

		if (index && !strcmp(ahead_arguments.list[index], path)) {
			last = index;
			return true;
		}
	}
	return false;
}

unsigned tell_calls;

/*
 * Returns true if this slow call is the second in turn at the same place, or of an argument. Now
 * and then a call is slow because something else ran in between: so the two may have few fast ones
 * between them.
 */
static bool is_second(const struct event *event, const char *above, const char *path)
{
	static struct place last;
	static unsigned last_call;
	struct place place = place_of(event, above, path);
	unsigned call = tell_calls, since = call - last_call;
	bool is_same;

	if (event->is_argument)
		place = (struct place){ .dir = INT_MIN };
	is_same = place.dir == last.dir && place.hash == last.hash && since <= FAST_BETWEEN;
	last = place;
	last_call = call;
	return is_same;
}

/*
 * Returns true if an event is to be told while the helper is not active. It then becomes active;
 * but if it was in vain the last times, only a later one makes it so.
 */
static bool begins(const struct event *event, const char *above, const char *path)
{
	bool is_start;

	if (!event->slow || !has_waited())
		return false;
	is_start = start_log_is_slow();
	if (!is_second(event, above, path) && !is_start)
		return false;
	if (atomic_load(&ahead->ignored) > 0 && atomic_fetch_sub(&ahead->ignored, 1) > 0)
		return false;
	if (!atomic_load(&ahead->helper) && !helper_start(ahead))
		return false;
	atomic_store(&ahead->active, true);
	return true;
}

/* Returns false if the helper would do nothing with the names that the program uses. */
static bool is_name_wanted(void)
{
	return settings.ahead.kinds & (AHEAD_LIST | AHEAD_ARGUMENTS | AHEAD_START);
}

COLD void tell_helper(enum event_kind kind, int dir, const char *path, bool is_slow)
{
	struct event event = {
		.length = (uint16_t)strnlen(path, EVENT_PATH_MAX + 1),
		.kind = (uint8_t)kind,
		.slow = is_slow,
		.is_argument = dir == AT_FDCWD && is_argument(path),
		.dir = dir,
	};
	const struct directory *directory = path[0] == '/' ? NULL : directory_find(dir);
	const char *above = directory ? directory->path : NULL;
	int told;

	if (directory)
		event.dir = directory->dir;
	if (!is_name_wanted() || event.length > EVENT_PATH_MAX || !event.length ||
	    thread_is_vfork_child() || sys_forbidden() || atomic_load(&ahead->state) != AHEAD_ON)
		return;
	/* A helper that ended meanwhile left it active. */
	if ((!atomic_load(&ahead->active) || !atomic_load(&ahead->helper)) &&
	    !begins(&event, above, path))
		return;
	if (!event_put(ahead, &event, above, path))
		return;
	told = atomic_fetch_add(&ahead->told, 1) + 1;
	if (!atomic_load(&ahead->awake) && (is_slow || told - atomic_load(&ahead->wake_at) >= 0))
		helper_wake(ahead);
}

void tell_start(void)
{
	directories_start();
	if (is_name_wanted())
		waited_before = count_waits();
}

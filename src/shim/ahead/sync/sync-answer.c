/* SPDX-License-Identifier: MIT */
/* See doc/ahead-sync.md for the argument. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <time.h>
#include "shim/ahead/process.h"
#include "shim/ahead/sync/sync-answer.h"
#include "shim/ahead/sync/sync-errors.h"
#include "shim/ahead/sync/sync-log.h"
#include "shim/base/clock.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"
#include "shim/ring/thread.h"

/* After that time the native call is made: somebody has stopped the helper. */
static const int64_t wait_max = 30 * 1000000000ll;

static void count(struct ahead *ahead, enum ahead_count what)
{
	atomic_fetch_add_explicit(&ahead->counts[what], 1, memory_order_relaxed);
}

/*
 * Waits until the early sync of the file has ended, if there is one. Handlers run afterwards, as
 * with the native call. Returns the state.
 */
static enum sync_state wait_for(struct ahead *ahead, struct sync_file *file)
{
	const struct timespec limit = { .tv_nsec = 20 * 1000 * 1000 };
	int64_t begin = monotonic_now();
	uint64_t mask;

	if (atomic_load(&file->state) != SYNC_IN_FLIGHT)
		return (enum sync_state)atomic_load(&file->state);
	sys_block_signals(&mask);
	while (atomic_load(&file->state) == SYNC_IN_FLIGHT && atomic_load(&ahead->helper) &&
	       monotonic_now() - begin < wait_max)
		sys6(SYS_futex, (long)&file->state, FUTEX_WAIT_PRIVATE, SYNC_IN_FLIGHT,
		     (long)&limit, 0, 0);
	sys_restore_signals(&mask);
	return (enum sync_state)atomic_load(&file->state);
}

/* Returns true if most of what was looked at early was of no use. */
static bool is_in_vain(void)
{
	uint32_t tried = atomic_load(&sync_log->tried), used = atomic_load(&sync_log->used);

	return tried >= 64 && used * 10 < tried * 9 - 32 * 10;
}

/* Has the files after this one synced, if half of those are done with that were asked for last. */
static void ask(struct ahead *ahead, uint32_t index)
{
	const struct event event = { .kind = EVENT_SYNC };
	uint32_t next = atomic_load(&sync_log->next);

	if (is_in_vain() || sync_has_failed() || index + 1 >= atomic_load(&sync_log->count))
		return;
	if (next > index && next - index <= settings.ahead.depth + 1 &&
	    next - index > settings.ahead.depth / 2)
		return;
	if (!atomic_load(&ahead->helper) && !helper_start(ahead))
		return;
	atomic_store(&sync_log->asked, index + 1);
	if (event_put(ahead, &event, NULL, "")) {
		atomic_fetch_add(&ahead->told, 1);
		if (!atomic_load(&ahead->awake))
			helper_wake(ahead);
	}
}

/*
 * Returns what the missing proof is, or AHEAD_PROVED. The early sync of the file has ended with 0.
 *
 * A description that is older than the helper's can have an error to report that the helper's has
 * not. One that was opened with O_PATH cannot be synced.
 */
static enum ahead_count find_missing_proof(const struct sync_file *file, int fd)
{
	if (sync_log->fds[fd].begin <= file->opened)
		return AHEAD_OLDER;
	if (settings.ahead.kinds & AHEAD_ORDERED &&
	    file->renames != atomic_load(&sync_log->renames))
		return AHEAD_RENAMED;
	if (!stamp_holds(&file->stamp, fd) || sys2(SYS_fcntl, fd, F_GETFL) & O_PATH)
		return AHEAD_CHANGED;
	return AHEAD_PROVED;
}

/* Returns true if the program comes to the file before the helper, which then leaves it alone. */
static bool is_missed(struct sync_file *file)
{
	int expected = SYNC_NEW;

	return atomic_compare_exchange_strong(&file->state, &expected, SYNC_MISSED) ||
		expected == SYNC_MISSED;
}

static enum ahead_count try_proof(struct ahead *ahead, struct sync_file *file, int fd)
{
	enum ahead_count outcome;

	if (is_missed(file))
		return AHEAD_MISSED;
	if (wait_for(ahead, file) != SYNC_DONE)
		return AHEAD_REFUSED;
	outcome = find_missing_proof(file, fd);
	if (outcome == AHEAD_PROVED)
		atomic_fetch_add(&sync_log->used, 1);
	else if (outcome == AHEAD_CHANGED)
		atomic_store(&file->state, SYNC_REFUSED);
	return outcome;
}

bool sync_is_proved(struct ahead *ahead, int fd)
{
	int saved = errno;
	int32_t index = sync_log_find(fd);
	enum ahead_count outcome;

	if (index == SYNC_NONE || thread_is_vfork_child() || sys_forbidden() ||
	    atomic_load(&ahead->state) != AHEAD_ON)
		return false;
	ask(ahead, (uint32_t)index);
	outcome = try_proof(ahead, &sync_log->files[index], fd);
	count(ahead, outcome);
	errno = saved;
	return outcome == AHEAD_PROVED;
}

/* Waits for an early sync of the same file, which can have taken the error that fd was to report. */
static void wait_for_same(struct ahead *ahead, const struct stamp *stamp)
{
	for (size_t slot = 0; slot < DEPTH_MAX; slot++) {
		uint32_t file = atomic_load(&sync_log->flying[slot]);

		if (file && stamp_is_of_same_file(&sync_log->files[file - 1].stamp, stamp))
			wait_for(ahead, &sync_log->files[file - 1]);
	}
}

int sync_add_error(struct ahead *ahead, int fd, int ret)
{
	struct stamp stamp;
	int error;

	if (likely(!atomic_load(&sync_log->in_flight) && !sync_has_failed()))
		return ret;
	if (thread_is_vfork_child() || !stamp_read(&stamp, fd))
		return ret;
	wait_for_same(ahead, &stamp);
	error = sync_error_take(&stamp);
	if (!error)
		return ret;
	count(ahead, AHEAD_REPORTED);
	if (ret)
		return ret;
	errno = error;
	return -1;
}

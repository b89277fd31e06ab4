/* SPDX-License-Identifier: MIT */
/* When what was noted is synced, and the counts of that. */
#include <fcntl.h>
#include <linux/major.h>
#include <sys/stat.h>
#include "shim/base/log.h"
#include "shim/base/sys.h"
#include "shim/late/late.h"
#include "shim/late/mounts.h"
#include "shim/late/notes.h"
#include "shim/ring/process.h"
#include "shim/ring/thread.h"
#include "shim/route/stats-report.h"

/* The exit status of a program whose data could not be written: EX_IOERR of <sysexits.h>. */
enum { STATUS_LOST = 74 };

/* The counts: files noted, syncs of file systems, and what made them. */
enum { COUNT_NOTED, COUNT_SYNCED, COUNT_CAUSES, COUNTS = COUNT_CAUSES + LATE_CAUSES };

static _Atomic uint64_t counts[COUNTS];
static atomic_bool is_on;

static void count_more(size_t what, uint64_t n)
{
	atomic_fetch_add_explicit(&counts[what], n, memory_order_relaxed);
}

static void forget_counts(void)
{
	for (size_t i = 0; i < COUNTS; i++)
		counts[i] = 0;
}

static void write_late_counts(void)
{
	static const char *const names[COUNTS] = {
		[COUNT_NOTED] = "noted",
		[COUNT_SYNCED] = "synced",
		[COUNT_CAUSES + LATE_EXIT] = "exit",
		[COUNT_CAUSES + LATE_EXEC] = "exec",
		[COUNT_CAUSES + LATE_FORK] = "fork",
		[COUNT_CAUSES + LATE_OUTPUT] = "output",
		[COUNT_CAUSES + LATE_CREDENTIALS] = "credentials",
		[COUNT_CAUSES + LATE_UNMOUNT] = "unmount",
		[COUNT_CAUSES + LATE_CLOSE] = "close",
	};
	uint64_t taken[COUNTS], any = 0;

	for (size_t i = 0; i < COUNTS; i++)
		any |= taken[i] = atomic_exchange(&counts[i], 0);
	if (any)
		stats_append("sync-at-exit", names, taken, COUNTS);
}

void notes_begin(void)
{
	process_call_in_child(forget_counts);
	is_on = true;
}

/* A thread that is a vfork child has its parent's memory, and nothing noted. */
static bool can_sync(void)
{
	return !thread_is_vfork_child() && !sys_forbidden();
}

bool can_note_sync(void)
{
	return atomic_load(&is_on) && can_sync();
}

int note_sync(int fd)
{
	struct statx st;
	int ret;

	if (!can_note_sync() ||
	    sys6(SYS_statx, fd, (long)"", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		 STATX_TYPE | STATX_INO | STATX_BTIME, (long)&st, 0))
		return 0;
	/* Without a device it is no local file system, and asking it more could take long. */
	if (!(S_ISREG(st.stx_mode) || S_ISDIR(st.stx_mode)) || !st.stx_dev_major ||
	    !(st.stx_mask & STATX_BTIME))
		return 0;
	ret = mounts_note(fd, &st);
	/* late_end() may have synced just before. It sees the note, or this sees that it was called. */
	if (ret > 0 && !atomic_load(&is_on))
		return 0;
	if (ret > 0)
		count_more(COUNT_NOTED, 1);
	return ret;
}

static COLD void end_program(void)
{
	log_lost_data();
	sys1(SYS_exit_group, STATUS_LOST);
}

static void sync_noted(enum late_cause cause)
{
	uint64_t mask;
	int ret;

	sys_block_signals(&mask);
	ret = mounts_sync();
	if (unlikely(ret < 0))
		end_program();
	if (ret > 0) {
		count_more(COUNT_SYNCED, (uint64_t)ret);
		count_more(COUNT_CAUSES + cause, 1);
	}
	sys_restore_signals(&mask);
}

/* Also when the setting is off for good: a thread that writes then may have noted before. */
void late_sync(enum late_cause cause)
{
	int saved = errno;

	if (!can_sync())
		return;
	if (atomic_load(&mounts_open))
		sync_noted(cause);
	if (cause == LATE_EXIT || cause == LATE_EXEC)
		write_late_counts();
	errno = saved;
}

void late_end(enum late_cause cause)
{
	if (!can_sync())
		return;
	atomic_store(&is_on, false);
	if (atomic_load(&mounts_open))
		sync_noted(cause);
	write_late_counts();
}

/* Returns true if fd is a socket, a pipe, a terminal or something else that others can see. */
static bool is_output(int fd)
{
	struct statx st;

	if (sys6(SYS_statx, fd, (long)"", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, (long)&st,
		 0))
		return false;
	if (S_ISCHR(st.stx_mode))
		return st.stx_rdev_major != MEM_MAJOR;
	return !S_ISREG(st.stx_mode) && !S_ISDIR(st.stx_mode) && !S_ISBLK(st.stx_mode);
}

void late_sync_before_output(int fd)
{
	if (unlikely(atomic_load(&mounts_open)) && is_output(fd))
		late_sync(LATE_OUTPUT);
}

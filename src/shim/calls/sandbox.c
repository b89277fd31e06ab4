/*
 * What takes rights away: system call filters, after which entering a ring may
 * be fatal, and namespaces, which a process with kernel workers may not enter.
 */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <string.h>
#include "shim/calls/closing.h"
#include "shim/calls/sandbox.h"
#include "shim/fdtable.h"
#include "shim/next.h"
#include "shim/process.h"
#include "shim/stats.h"
#include "shim/sys.h"
#include "shim/thread.h"

static bool is_worker(const char *task)
{
	char path[64], comm[8];
	long fd, len;

	stpcpy(stpcpy(stpcpy(path, "/proc/self/task/"), task), "/comm");
	fd = sys4(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return false;
	len = sys3(SYS_read, fd, (long)comm, sizeof(comm));
	sys1(SYS_close, fd);
	return len >= 4 && !memcmp(comm, "iou-", 4);
}

struct task_entry {
	uint64_t ino, off;
	unsigned short size;
	unsigned char type;
	char name[];
};

static bool has_workers(void)
{
	_Alignas(struct task_entry) char entries[4096];
	long fd = sys4(SYS_openat, AT_FDCWD, (long)"/proc/self/task",
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	bool found = false;
	long len;

	if (fd < 0)
		return false;
	while (!found && (len = sys3(SYS_getdents64, fd, (long)entries, sizeof(entries))) > 0) {
		for (long at = 0; !found && at < len;) {
			const struct task_entry *entry = (const void *)(entries + at);

			found = is_worker(entry->name);
			at += entry->size;
		}
	}
	sys1(SYS_close, fd);
	return found;
}

/*
 * The kernel's workers for a ring are threads of this process until some time
 * after the ring has gone. Whether there were any.
 */
static bool end_workers(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	if (!thread_self.maker)
		return false;
	/* What they still hold outlives them, until this thread enters its ring. */
	settle(&thread_self, -1);
	if (!has_workers())
		return false;
	thread_release(&thread_self);
	for (int i = 0; i < 2000 && has_workers(); i++)
		sys2(SYS_nanosleep, (long)&pause, 0);
	return true;
}

/* From before the call on, as it may be the last that is allowed. */
void sandbox_filter_begin(void)
{
	/* Opening the file at the end may be forbidden by then. */
	stats_close();
	/* A worker that outlives us would give the process its own exit status. */
	end_workers();
	process_block(REASON_SANDBOX);
	thread_interrupt_others();
}

int sandbox_filter_end(int ret)
{
	if (ret)
		process_lift(REASON_SANDBOX);
	return ret;
}

EXPORT int prctl(int option, ...)
{
	unsigned long a[4];
	va_list args;

	va_start(args, option);
	for (size_t i = 0; i < 4; i++)
		a[i] = va_arg(args, unsigned long);
	va_end(args);
	if (option != PR_SET_SECCOMP)
		return NEXT(prctl)(option, a[0], a[1], a[2], a[3]);
	sandbox_filter_begin();
	return sandbox_filter_end(NEXT(prctl)(option, a[0], a[1], a[2], a[3]));
}

/*
 * A descriptor table of its own for this thread. Kernel workers would keep the
 * old one, and with it all that we close; and if other threads do, a
 * descriptor is no longer the same thing to all.
 */
static void own_descriptors_begin(void)
{
	end_workers();
	if (!process_single_threaded())
		process_block(REASON_UNSHARED);
}

EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	if (flags & CLOSE_RANGE_UNSHARE)
		own_descriptors_begin();
	if (!(flags & CLOSE_RANGE_CLOEXEC))
		closing_range(first, last);
	return NEXT(close_range)(first, last, flags);
}

/* The kernel makes no threads, and so no workers, for one that has left. */
static int left_pids(int ret, int flags)
{
	if (!ret && flags & CLONE_NEWPID)
		process_block(REASON_UNSHARED);
	return ret;
}

EXPORT int unshare(int flags)
{
	int saved = errno;
	int ret;

	if (flags & CLONE_FILES)
		own_descriptors_begin();
	ret = NEXT(unshare)(flags);
	if (ret && errno == EINVAL && end_workers()) {
		errno = saved;
		ret = NEXT(unshare)(flags);
	}
	return left_pids(ret, flags);
}

EXPORT int setns(int fd, int type)
{
	int saved = errno;
	int ret = NEXT(setns)(fd, type);

	if (ret && errno == EINVAL && end_workers()) {
		errno = saved;
		ret = NEXT(setns)(fd, type);
	}
	/* Type 0 is whatever fd refers to. */
	return left_pids(ret, type ? type : CLONE_NEWPID);
}

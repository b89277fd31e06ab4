/* SPDX-License-Identifier: MIT */
/*
 * Finds the io-wq workers of the calling thread in /proc/self/task and ends them, together with
 * the ring. After the kernel could create no worker, makes operations that need one go direct for a
 * while; under some limits of memory, makes those go direct that write.
 */
#include <fcntl.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include "shim/memory/cgroup.h"
#include "shim/queue/iowq-workers.h"
#include "shim/ring/sqpoll.h"
#include "shim/queue/iowq-files.h"
#include "shim/base/strview.h"
#include "shim/base/sys.h"

bool iowq_memory_is_known;

static uint64_t limit_of(const struct cgroup_version *version, const char *group)
{
	return version->first ? cgroup_number(version, group, version->max, "", UINT64_MAX) :
				UINT64_MAX;
}

COLD void iowq_learn_memory(void)
{
	/* What version 1 has for no limit is half of what a word can hold. */
	const uint64_t unlimited = UINT64_MAX / 4;
	static atomic_flag begun;

	if (atomic_flag_test_and_set(&begun))
		return;
	if (cgroup_least(limit_of) < unlimited)
		atomic_fetch_or_explicit(&prepare_flags, PREPARE_FOR_MEMORY, memory_order_relaxed);
	iowq_memory_is_known = true;
}

/* The inode number of the initial PID namespace is part of the kernel's ABI. */
static bool is_in_initial_pid_namespace(void)
{
	static const char initial[] = "pid:[4026531836]";
	char target[32];
	long len = sys4(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/ns/pid", (long)target,
			sizeof(target));

	return len == sizeof(initial) - 1 && !memcmp(target, initial, sizeof(initial) - 1);
}

/* Returns the number after "iou-wrk-" or "iou-sqp-", or 0 if name begins with neither. */
static uint32_t parse_owner(const char *name)
{
	enum { PREFIX = sizeof("iou-wrk-") - 1 };

	if (memcmp(name, "iou-wrk-", PREFIX) && memcmp(name, "iou-sqp-", PREFIX))
		return 0;
	return (uint32_t)strview_leading_number(name + PREFIX);
}

/* Returns the flags of a task: the sixth number after its name in the text of its file stat. */
static uint32_t parse_flags(const char *text)
{
	const char *at = strrchr(text, ')');

	for (int i = 0; at && i < 7; i++)
		at = strchr(at + 1, ' ');
	return at ? (uint32_t)strview_leading_number(at + 1) : 0;
}

enum owner_kind { NO_WORKER, NAMED_WORKER, NEW_WORKER };

/*
 * Finds out if a task is a worker, and the tid of the thread that the kernel created it for. Until
 * it runs for the first time it has the name of that thread, whose tid is not to be had then.
 */
static enum owner_kind read_owner(const char *task, uint32_t *owner)
{
	enum { IO_WORKER = 0x10 }; /* PF_IO_WORKER */
	char path[64], text[160];
	const char *name;

	stpcpy(stpcpy(stpcpy(path, "/proc/self/task/"), task), "/stat");
	if (!sys_read_text(path, text, sizeof(text)))
		return NO_WORKER;
	name = strchr(text, '(');
	if (!name || !(parse_flags(text) & IO_WORKER))
		return NO_WORKER;
	*owner = parse_owner(name + 1);
	return *owner ? NAMED_WORKER : NEW_WORKER;
}

struct task_entry {
	uint64_t ino, off;
	unsigned short size;
	unsigned char type;
	char name[];
};

/* Returns true if the process has a worker that can be owner's, or any if owner is 0. */
static bool has_workers(uint32_t owner)
{
	_Alignas(struct task_entry) char entries[512];
	long fd = sys4(SYS_openat, AT_FDCWD, (long)"/proc/self/task",
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	bool found = false;
	long len;

	if (fd < 0)
		return false;
	while (!found && (len = sys3(SYS_getdents64, fd, (long)entries, sizeof(entries))) > 0) {
		for (long at = 0; !found && at < len;) {
			const struct task_entry *entry = (const void *)(entries + at);
			uint32_t of = 0;
			enum owner_kind kind = read_owner(entry->name, &of);

			found = kind == NEW_WORKER || (kind && (!owner || of == owner));
			at += entry->size;
		}
	}
	sys1(SYS_close, fd);
	return found;
}

/*
 * Returns the owner to look for, or 0 for any. Outside the initial PID namespace the number in a
 * worker's name is not the tid that the thread knows.
 */
static uint32_t own_number(void)
{
	if (process_is_single_threaded() || !is_in_initial_pid_namespace())
		return 0;
	return (uint32_t)sys0(SYS_gettid);
}

/* The number of calls that go direct before a worker is asked for, or looked for, again. */
enum { DENIED_CALLS = 16384 };

static _Atomic int denied_calls;
static _Atomic bool any_stale;

void iowq_deny_workers(void)
{
	atomic_store_explicit(&denied_calls, DENIED_CALLS, memory_order_relaxed);
	atomic_fetch_or_explicit(&prepare_flags, PREPARE_FOR_IOWQ, memory_order_relaxed);
}

/*
 * Notes that the workers of this thread could not be ended. They have what the thread had when they
 * were made: its namespaces, its table of descriptors.
 */
static void note_stale_workers(struct thread *thread)
{
	thread->calls_past_stale = DENIED_CALLS;
	atomic_store_explicit(&any_stale, true, memory_order_relaxed);
	atomic_fetch_or_explicit(&prepare_flags, PREPARE_FOR_IOWQ, memory_order_relaxed);
}

static bool has_stale_workers(struct thread *thread)
{
	if (!thread->calls_past_stale)
		return false;
	if (!--thread->calls_past_stale && has_workers(own_number()))
		thread->calls_past_stale = DENIED_CALLS;
	return thread->calls_past_stale;
}

bool iowq_has_denied_workers(void)
{
	if (!(atomic_load_explicit(&prepare_flags, memory_order_relaxed) & PREPARE_FOR_IOWQ))
		return false;
	if (has_stale_workers(&thread_self))
		return true;
	if (atomic_load_explicit(&denied_calls, memory_order_relaxed) > 0) {
		atomic_fetch_sub_explicit(&denied_calls, 1, memory_order_relaxed);
		return true;
	}
	if (!atomic_load_explicit(&any_stale, memory_order_relaxed))
		atomic_fetch_and_explicit(&prepare_flags, ~(uint32_t)PREPARE_FOR_IOWQ,
					  memory_order_relaxed);
	return false;
}

/*
 * Older kernels (measured: 6.1, 6.12) keep the workers of a thread whose ring is gone until they
 * have been idle for five seconds or the thread ends.
 */
static _Atomic bool workers_outlive_ring;

/* Waits at most so many milliseconds until owner has no workers. Returns true if none is left. */
static bool await_none(uint32_t owner, int milliseconds)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0; i < milliseconds; i++) {
		if (!has_workers(owner))
			return true;
		if (atomic_load(&workers_outlive_ring))
			return false;
		sys2(SYS_nanosleep, (long)&pause, 0);
	}
	return false;
}

/*
 * Waits for the end of owner's workers, whose ring is gone. Returns true if none is left. The kernel
 * ends a ring after a grace period of RCU, which takes seconds where every processor is overloaded:
 * membarrier(2) waits for one.
 */
static bool await_end_of_workers(uint32_t owner)
{
	enum { LONG = 500, SHORT = 100 };
	/* Otherwise the workers of other threads, which stay, look like ours. */
	bool known = owner || process_is_single_threaded();

	if (await_none(owner, known ? LONG : SHORT))
		return true;
	if (!known || atomic_load(&workers_outlive_ring))
		return false;
	/* A filter that is older than the program could kill it for this call. */
	if (!sys2(SYS_prctl, PR_GET_SECCOMP, 0))
		sys3(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	if (await_none(owner, LONG))
		return true;
	atomic_store(&workers_outlive_ring, true);
	return false;
}

/* Returns true if the thread had workers, and in *left whether it still has some. */
static bool end_workers(struct thread *thread, bool *left)
{
	uint32_t owner = own_number();

	/* After their end, files that they hold stay open until this thread enters its ring. */
	iowq_drop_files(thread, -1);
	*left = has_workers(owner);
	if (!*left)
		return false;
	sqpoll_disable();
	thread_release(thread);
	/* Until they are gone, the end of the ring also interrupts native calls that wait. */
	*left = !await_end_of_workers(owner);
	return true;
}

bool iowq_end_workers(struct thread *thread)
{
	bool ended, left;

	if (likely(!thread->may_have_workers) || thread_is_vfork_child() || thread->op ||
	    atomic_load(&process.block) == REASON_SANDBOX)
		return false;
	ended = end_workers(thread, &left);
	thread->may_have_workers = left;
	if (left)
		note_stale_workers(thread);
	return ended && !left;
}

/*
 * Returns true if path shows the tasks of a process. Sandboxes look there to make sure that they
 * are single-threaded. The path can be relative to any directory, so its end decides.
 */
static bool lists_tasks(const char *path)
{
	static const char *const names[] = { "task", "self/status", "thread-self/status" };
	size_t len = strlen(path);

	while (len && path[len - 1] == '/')
		len--;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t name = strlen(names[i]);

		if (len >= name && !memcmp(path + len - name, names[i], name) &&
		    (len == name || path[len - name - 1] == '/'))
			return true;
	}
	return false;
}

COLD static bool end_if_listed(const char *path)
{
	int saved = errno;
	bool ended = path && lists_tasks(path) && iowq_end_workers(&thread_self);

	errno = saved;
	return ended;
}

bool iowq_end_if_listed(const char *path)
{
	return unlikely(thread_self.may_have_workers) && end_if_listed(path);
}

bool iowq_end_for_limit(void)
{
	int saved = errno;
	bool ended = iowq_end_workers(&thread_self);

	if (ended || thread_self.may_have_workers)
		iowq_deny_workers();
	errno = saved;
	return ended;
}

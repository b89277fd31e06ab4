/* SPDX-License-Identifier: MIT */
/*
 * Finds the io-wq workers of the calling thread in /proc/self/task and ends them, together with
 * the ring. After the kernel could create no worker, makes operations that need one go direct for a
 * while; under some limits of memory, makes those go direct that write.
 */
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include "shim/memory/cgroup.h"
#include "shim/queue/iowq-workers.h"
#include "shim/ring/sqpoll.h"
#include "shim/queue/iowq-files.h"
#include "shim/base/sys.h"

/* The number of calls that go direct before a worker is asked for again. */
enum { DENIED_CALLS = 16384 };

static _Atomic int denied_calls;

void iowq_deny_workers(void)
{
	atomic_store_explicit(&denied_calls, DENIED_CALLS, memory_order_relaxed);
	atomic_fetch_or_explicit(&prepare_flags, PREPARE_FOR_IOWQ, memory_order_relaxed);
}

bool iowq_has_denied_workers(void)
{
	if (!(atomic_load_explicit(&prepare_flags, memory_order_relaxed) & PREPARE_FOR_IOWQ))
		return false;
	if (atomic_fetch_sub_explicit(&denied_calls, 1, memory_order_relaxed) > 0)
		return true;
	atomic_fetch_and_explicit(&prepare_flags, ~(uint32_t)PREPARE_FOR_IOWQ,
				  memory_order_relaxed);
	return false;
}

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

/* Returns the number after "iou-wrk-" or "iou-sqp-", or 0 if text begins with neither. */
static uint32_t parse_owner(const char *text, long len)
{
	enum { PREFIX = sizeof("iou-wrk-") - 1 };
	uint32_t owner = 0;

	if (len <= PREFIX || (memcmp(text, "iou-wrk-", PREFIX) && memcmp(text, "iou-sqp-", PREFIX)))
		return 0;
	for (long i = PREFIX; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		owner = owner * 10 + (uint32_t)(text[i] - '0');
	return owner;
}

/* Returns the tid of the thread that the kernel created this task for; 0: it is no worker. */
static uint32_t read_owner(const char *task)
{
	char path[64], comm[32];
	long fd, len;

	stpcpy(stpcpy(stpcpy(path, "/proc/self/task/"), task), "/comm");
	fd = sys4(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	len = sys3(SYS_read, fd, (long)comm, sizeof(comm));
	sys1(SYS_close, fd);
	return parse_owner(comm, len);
}

struct task_entry {
	uint64_t ino, off;
	unsigned short size;
	unsigned char type;
	char name[];
};

/* Returns true if the process has a worker of owner, or of any thread if owner is 0. */
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
			uint32_t of = read_owner(entry->name);

			found = of && (!owner || of == owner);
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

/*
 * Older kernels (measured: 6.1, 6.12) keep the workers of a thread whose ring is gone until they
 * have been idle for five seconds or the thread ends.
 */
static _Atomic bool workers_outlive_ring;

/* Waits for the end of owner's workers, whose ring is gone. Returns true if none is left. */
static bool await_end_of_workers(uint32_t owner)
{
	enum { LONG = 500, SHORT = 100 };
	const struct timespec pause = { .tv_nsec = 1000000 };
	/* Otherwise the workers of other threads, which stay, look like ours. */
	bool known = owner || process_is_single_threaded();

	for (int i = 0; i < (known ? LONG : SHORT); i++) {
		if (!has_workers(owner))
			return true;
		if (atomic_load(&workers_outlive_ring))
			return false;
		sys2(SYS_nanosleep, (long)&pause, 0);
	}
	if (known)
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

/* SPDX-License-Identifier: MIT */
/*
 * Ends the io-wq workers of the calling thread, together with its ring. Makes operations that need a
 * worker go direct for a while after the kernel could create none, or kept one.
 */
#include <linux/membarrier.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include "shim/base/sys.h"
#include "shim/iowq/held-files.h"
#include "shim/iowq/tasks.h"
#include "shim/iowq/workers.h"
#include "shim/ring/sqpoll.h"

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
	if (!--thread->calls_past_stale && iowq_has_workers(iowq_own_number()))
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
		if (!iowq_has_workers(owner))
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
	uint32_t owner = iowq_own_number();

	/* After their end, files that they hold stay open until this thread enters its ring. */
	iowq_drop_files(thread, -1);
	*left = iowq_has_workers(owner);
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
	else
		thread->calls_past_stale = 0;
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

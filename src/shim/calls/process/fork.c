/* SPDX-License-Identifier: MIT */
/*
 * Calls that create processes and threads. They stay native; these functions keep correct, on
 * both sides, what the shim knows of descriptors, rings and counts.
 */
#include <stdarg.h>
#include "shim/calls/process/sandbox.h"
#include "shim/ring/child-marks.h"
#include "shim/fd/fdtable.h"
#include "shim/late/late.h"
#include "shim/iowq/workers.h"
#include "shim/op/interrupt.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/process.h"
#include "shim/route/stats.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"

static void prepare_fork(void)
{
	if (thread_is_vfork_child())
		return;
	late_sync_before(LATE_FORK);
	process_fork_begin();
}

static void finish_fork(void)
{
	if (!thread_is_vfork_child())
		process_fork_end();
}

/* Prepares a fork. Returns the place for the mark of the child, or NULL. */
static struct child *begin_fork(void)
{
	prepare_fork();
	return thread_is_vfork_child() ? NULL : child_mark_reserve();
}

/* Runs after a fork, in the parent and in the child. Returns pid. */
static pid_t note_fork(pid_t pid, struct child *child)
{
	if (pid) {
		child_mark_note(child, pid);
		finish_fork();
		return pid;
	}
	thread_self.vfork_depth = 0;
	process_reset_in_child();
	child_mark_adopt(child);
	return 0;
}

/*
 * io-wq workers count against limits that the program's own processes and threads may need.
 * error: the errno with which one of these could not be created. Returns true if workers may
 * have been the cause; they have been ended then, and the caller can try again.
 */
static bool can_make_room(int error)
{
	return unlikely(error == EAGAIN) && !thread_is_vfork_child() && iowq_end_for_limit();
}

static pid_t fork_by(pid_t (*native)(void))
{
	struct child *child;
	pid_t pid;

	do {
		child = begin_fork();
		pid = note_fork(native(), child);
	} while (unlikely(pid < 0) && can_make_room(errno));
	return pid;
}

EXPORT pid_t fork(void)
{
	return fork_by(NEXT(fork));
}

EXPORT pid_t __fork(void)
{
	return fork_by(NEXT(__fork));
}

EXPORT pid_t _Fork(void)
{
	return fork_by(NEXT(_Fork));
}

EXPORT int forkpty(int *master, char *name, const struct termios *termios,
		   const struct winsize *size)
{
	struct child *child;
	int pid;

	do {
		child = begin_fork();
		pid = note_fork(NEXT(forkpty)(master, name, termios, size), child);
	} while (unlikely(pid < 0) && can_make_room(errno));
	return pid;
}

EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
			  void *arg)
{
	int ret;

	do
		ret = NEXT(pthread_create)(thread, attr, fn, arg);
	while (can_make_room(ret));
	return ret;
}

EXPORT int thrd_create(thrd_t *thread, thrd_start_t fn, void *arg)
{
	int ret;

	do
		ret = NEXT(thrd_create)(thread, fn, arg);
	while (unlikely(ret == thrd_error) && can_make_room(EAGAIN));
	return ret;
}

typedef pid_t vfork_fn(void);

/*
 * The two halves of vfork() (vfork.S), in the parent. vfork_begin() returns libc's vfork if
 * only that may make the system call, and then there is no second half; otherwise it returns
 * NULL.
 */
__attribute__((visibility("hidden"))) vfork_fn *vfork_begin(void);
__attribute__((visibility("hidden"))) pid_t vfork_end(long ret);
__attribute__((visibility("hidden"))) bool vfork_can_retry(long ret);

vfork_fn *vfork_begin(void)
{
	if (sandbox_is_dispatched())
		return NEXT(vfork);
	prepare_fork();
	thread_hide_ring(&thread_self);
	return NULL;
}

pid_t vfork_end(long ret)
{
	thread_show_ring(&thread_self);
	finish_fork();
	return (pid_t)libc_result(ret);
}

/*
 * A vfork failed with the result ret. Returns true if another try may succeed; the failed one
 * is over then, and the next begins with vfork_begin().
 */
bool vfork_can_retry(long ret)
{
	struct thread *thread = &thread_self;

	if (ret != -EAGAIN || thread->vfork_depth != 1)
		return false;
	thread_show_ring(thread);
	if (!iowq_end_for_limit()) {
		thread_hide_ring(thread);
		return false;
	}
	finish_fork();
	return true;
}

/*
 * Creates a process or thread that shares our memory. It also shares our thread-local storage,
 * unless it brings its own, which nobody may have initialized for us.
 */
static int cloned_memory(int (*fn)(void *), void *stack, int flags, void *arg, pid_t *parent,
			 void *tls, pid_t *child)
{
	bool waits = flags & CLONE_VFORK;
	/* Calls of a thread are counted for its process; those of another process must not be. */
	bool lent = !(flags & (CLONE_SETTLS | CLONE_THREAD));
	int ret;

	prepare_fork();
	if (!waits) {
		rings_block_for_shared_memory();
		interrupt_others();
	}
	if (lent)
		thread_hide_ring(&thread_self);
	ret = NEXT(clone)(fn, stack, flags, arg, parent, tls, child);
	if (lent && (waits || ret < 0))
		thread_show_ring(&thread_self);
	if (!waits && ret < 0)
		rings_unblock_after_shared_memory();
	finish_fork();
	return ret;
}

struct body {
	int (*fn)(void *);
	void *arg;
	struct child *child;
};

/*
 * Runs in a child that has memory of its own, with a copy of our stack frames. When this
 * function returns, libc ends only the thread. An io-wq worker that outlives the thread would
 * give the process the exit status of the worker.
 */
static int note_clone(void *arg)
{
	struct body body = *(struct body *)arg;
	int ret;

	process_reset_in_child();
	child_mark_adopt(body.child);
	ret = body.fn(body.arg);

	iowq_end_workers(&thread_self);
	if (thread_self.may_have_workers && process_is_single_threaded())
		sys1(SYS_exit_group, ret);
	return ret;
}

static int clone_once(int (*fn)(void *), void *stack, int flags, void *arg, pid_t *parent,
		      void *tls, pid_t *child)
{
	struct body body = { fn, arg, NULL };
	int ret;

	if (flags & CLONE_VM)
		return cloned_memory(fn, stack, flags, arg, parent, tls, child);
	body.child = begin_fork();
	ret = NEXT(clone)(note_clone, stack, flags, &body, parent, tls, child);
	child_mark_note(body.child, ret);
	finish_fork();
	return ret;
}

EXPORT int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	va_list args;
	pid_t *parent, *child;
	void *tls;
	int ret;

	va_start(args, arg);
	parent = va_arg(args, pid_t *);
	tls = va_arg(args, void *);
	child = va_arg(args, pid_t *);
	va_end(args);
	do
		ret = clone_once(fn, stack, flags, arg, parent, tls, child);
	while (unlikely(ret < 0) && can_make_room(errno));
	return ret;
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	int ret;

	do {
		prepare_fork();
		ret = NEXT(posix_spawn)(pid, path, actions, attr, argv, envp);
		finish_fork();
	} while (can_make_room(ret));
	return ret;
}

EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	int ret;

	do {
		prepare_fork();
		ret = NEXT(posix_spawnp)(pid, file, actions, attr, argv, envp);
		finish_fork();
	} while (can_make_room(ret));
	return ret;
}

/*
 * pidfd_spawn() and pidfd_spawnp() exist only in newer libcs. They return a descriptor of the
 * child.
 */
EXPORT int pidfd_spawn(int *pidfd, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	int ret;

	if (!NEXT(pidfd_spawn))
		return ENOSYS;
	do {
		prepare_fork();
		ret = NEXT(pidfd_spawn)(pidfd, path, actions, attr, argv, envp);
		finish_fork();
	} while (can_make_room(ret));
	if (!ret && pidfd)
		fd_forget(*pidfd);
	return ret;
}

EXPORT int pidfd_spawnp(int *pidfd, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	int ret;

	if (!NEXT(pidfd_spawnp))
		return ENOSYS;
	do {
		prepare_fork();
		ret = NEXT(pidfd_spawnp)(pidfd, file, actions, attr, argv, envp);
		finish_fork();
	} while (can_make_room(ret));
	if (!ret && pidfd)
		fd_forget(*pidfd);
	return ret;
}

EXPORT int system(const char *command)
{
	int saved = errno;
	int ret;

	/*
	 * The command runs while this call waits. From prepare_fork() to finish_fork() no file
	 * position and no socket counts as private to this process. If no process can be
	 * created, libc returns the same as if the shell had not been found, so only errno can
	 * tell.
	 */
	do {
		errno = 0;
		prepare_fork();
		ret = NEXT(system)(command);
		finish_fork();
	} while (can_make_room(errno));
	if (!errno)
		errno = saved;
	return ret;
}

EXPORT FILE *popen(const char *command, const char *type)
{
	FILE *file;

	do {
		prepare_fork();
		file = NEXT(popen)(command, type);
		finish_fork();
	} while (unlikely(!file) && can_make_room(errno));
	if (file)
		fd_forget(NEXT(fileno)(file));
	return file;
}

EXPORT int wordexp(const char *words, wordexp_t *result, int flags)
{
	int ret;

	prepare_fork();
	ret = NEXT(wordexp)(words, result, flags);
	finish_fork();
	return ret;
}

EXPORT int daemon(int nochdir, int noclose)
{
	int ret;

	do {
		prepare_fork();
		ret = NEXT(daemon)(nochdir, noclose);
		finish_fork();
	} while (unlikely(ret) && can_make_room(errno));
	/* Only the child returns. Its descriptors 0 to 2 can be new ones. */
	process_reset_in_child();
	if (!noclose)
		fd_forget_range(0, 2);
	return ret;
}

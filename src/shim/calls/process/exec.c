/* SPDX-License-Identifier: MIT */
/*
 * Calls that execute another program or end the process. Before them, operations in flight are
 * ended and counts are written; both are taken back when the program could not be executed.
 */
#include <stdarg.h>
#include "shim/ahead/ahead.h"
#include "shim/late/late.h"
#include "shim/op/interrupt.h"
#include "shim/ring/child-marks.h"
#include "shim/ring/process.h"
#include "shim/ring/thread.h"
#include "shim/route/stats.h"
#include "shim/symbols/next-symbol.h"

/*
 * Called before the program ends or executes another one. Ends the operations that other
 * threads have in flight, because otherwise the kernel would drop their files only some time
 * later.
 */
static void prepare_exec(enum late_cause cause)
{
	if (thread_is_vfork_child())
		return;
	late_sync_before(cause);
	ahead_end_helper();
	stats_leave();
	rings_block(REASON_EARLY);
	interrupt_others();
	child_mark_note_exec(true);
}

static int note_failed_exec(int ret)
{
	if (!thread_is_vfork_child()) {
		rings_unblock(REASON_EARLY);
		stats_stay();
		child_mark_note_exec(false);
	}
	return ret;
}

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	prepare_exec(LATE_EXEC);
	return note_failed_exec(NEXT(execve)(path, argv, envp));
}

EXPORT int execv(const char *path, char *const argv[])
{
	prepare_exec(LATE_EXEC);
	return note_failed_exec(NEXT(execv)(path, argv));
}

EXPORT int execvp(const char *file, char *const argv[])
{
	prepare_exec(LATE_EXEC);
	return note_failed_exec(NEXT(execvp)(file, argv));
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	prepare_exec(LATE_EXEC);
	return note_failed_exec(NEXT(execvpe)(file, argv, envp));
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	prepare_exec(LATE_EXEC);
	return note_failed_exec(NEXT(fexecve)(fd, argv, envp));
}

EXPORT int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	prepare_exec(LATE_EXEC);
	return note_failed_exec(NEXT(execveat)(dir, path, argv, envp, flags));
}

static size_t count_args(va_list args)
{
	size_t count = 1;

	while (va_arg(args, char *))
		count++;
	return count;
}

/*
 * Points argv to a copy of the arguments of execl() and its variants that ends with NULL. A macro,
 * because the copy must lie in the caller's stack frame (alloca): execl() may not allocate.
 */
#define COLLECT_ARGS(argv, args, first)                                 \
	do {                                                            \
		va_list counted_;                                       \
		size_t count_;                                          \
		va_copy(counted_, args);                                \
		count_ = (first) ? count_args(counted_) : 0;            \
		va_end(counted_);                                       \
		argv = __builtin_alloca((count_ + 1) * sizeof(char *)); \
		argv[0] = (char *)(first);                              \
		for (size_t i_ = 1; i_ <= count_; i_++)                 \
			argv[i_] = va_arg(args, char *);                \
	} while (0)

EXPORT int execl(const char *path, const char *arg, ...)
{
	char **argv;
	va_list args;

	va_start(args, arg);
	COLLECT_ARGS(argv, args, arg);
	va_end(args);
	prepare_exec(LATE_EXEC);
	return note_failed_exec(NEXT(execv)(path, argv));
}

EXPORT int execlp(const char *file, const char *arg, ...)
{
	char **argv;
	va_list args;

	va_start(args, arg);
	COLLECT_ARGS(argv, args, arg);
	va_end(args);
	prepare_exec(LATE_EXEC);
	return note_failed_exec(NEXT(execvp)(file, argv));
}

EXPORT int execle(const char *path, const char *arg, ...)
{
	char **argv, **envp;
	va_list args;

	va_start(args, arg);
	COLLECT_ARGS(argv, args, arg);
	envp = va_arg(args, char **);
	va_end(args);
	prepare_exec(LATE_EXEC);
	return note_failed_exec(NEXT(execve)(path, argv, envp));
}

EXPORT void _exit(int status)
{
	prepare_exec(LATE_EXIT);
	NEXT(_exit)(status);
	__builtin_unreachable();
}

EXPORT void _Exit(int status)
{
	prepare_exec(LATE_EXIT);
	NEXT(_Exit)(status);
	__builtin_unreachable();
}

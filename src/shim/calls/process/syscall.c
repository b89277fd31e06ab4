/* SPDX-License-Identifier: MIT */
/*
 * syscall(2). Routes the system calls of routed functions, and handles those that change what
 * the shim knows. Everything else is passed on with all its arguments.
 */
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/uio.h>
#include "shim/ahead/ahead.h"
#include "shim/calls/descriptor/close.h"
#include "shim/ring/child-marks.h"
#include "shim/calls/wait/keyring.h"
#include "shim/calls/socket/msg.h"
#include "shim/calls/process/without-workers.h"
#include "shim/calls/path/path.h"
#include "shim/calls/process/sandbox.h"
#include "shim/fd/fdtable.h"
#include "shim/late/late.h"
#include "shim/op/interrupt.h"
#include "shim/iowq/workers.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/sqpoll.h"
#include "shim/ring/process.h"
#include "shim/route/stats.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"

/* A seccomp(2) call that fails can return a thread ID. One that succeeds can return a listener. */
static bool is_installed(long nr, const long a[6], long ret)
{
	return ret == 0 ||
		(ret > 0 && nr == SYS_seccomp && a[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

static long run_filter(long nr, const long a[6])
{
	long ret;

	sandbox_filter_begin();
	ret = NEXT(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	sandbox_filter_end(is_installed(nr, a, ret),
			   nr == SYS_prctl && a[0] == PR_SET_SYSCALL_USER_DISPATCH);
	if (ret > 0)
		fd_forget((int)ret);
	return ret;
}

/* Makes a fork, clone or clone3 system call. flags: those of clone(2). */
static long run_fork(long nr, const long a[6], uint64_t flags)
{
	bool shared = flags & CLONE_VM && !(flags & CLONE_VFORK);
	struct child *child;
	long ret;

	if (thread_is_vfork_child())
		return NEXT(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	do {
		process_fork_begin();
		if (shared) {
			rings_block_for_shared_memory();
			interrupt_others();
		}
		child = flags & CLONE_VM ? NULL : child_mark_reserve();
		ret = NEXT(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		if (shared && ret < 0)
			rings_unblock_after_shared_memory();
		if (ret) {
			child_mark_note(child, (pid_t)ret);
			process_fork_end();
		} else if (!(flags & CLONE_VM)) {
			process_reset_in_child();
			child_mark_adopt(child);
		}
	} while (unlikely(ret == -1) && errno == EAGAIN && iowq_end_for_limit());
	return ret;
}

/*
 * Returns the flags, which are the first member of the argument of clone3(2), or 0 if it cannot
 * be read.
 */
static uint64_t clone_flags(const void *args)
{
	uint64_t flags = 0;

	return sys_peek(&flags, args, sizeof(flags)) ? flags : 0;
}

/*
 * Ends only this thread. An io-wq worker of it would outlive it, and could give the process the
 * exit status of the worker.
 */
static long prepare_exit(long nr, const long a[6])
{
	if (thread_owns_ring(&thread_self)) {
		/* This is the last chance to write the counts if there are no other threads. */
		if (process_is_single_threaded())
			stats_leave();
		else
			stats_write();
		iowq_end_workers(&thread_self);
		thread_release(&thread_self);
		/* A worker that outlives the last thread gives the process its own exit status. */
		if (thread_self.may_have_workers && process_is_single_threaded())
			nr = SYS_exit_group;
	}
	return NEXT(syscall)(nr, a[0]);
}

/* struct sigaction as the kernel defines it. */
struct kernel_action {
	handler_fn handler;
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/*
 * A handler that is installed with syscall() is not wrapped, but the old handler is reported
 * correctly.
 */
static long run_sigaction(long nr, const long a[6])
{
	struct kernel_action *old = (struct kernel_action *)a[2];
	handler_fn before = a[0] > 0 && a[0] < _NSIG ? interrupt_handler((int)a[0]) : NULL;
	long ret = NEXT(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);

	if (!ret && old && interrupt_is_wrapper(old->handler))
		old->handler = before;
	return ret;
}

/* System calls that return a new descriptor, whose number can have belonged to another file. */
static const short makers[] = {
	SYS_openat,
	SYS_openat2,
	SYS_socket,
	SYS_accept,
	SYS_accept4,
	SYS_epoll_create1,
	SYS_eventfd2,
	SYS_signalfd4,
	SYS_timerfd_create,
	SYS_inotify_init1,
	SYS_memfd_create,
	SYS_pidfd_open,
	SYS_pidfd_getfd,
	SYS_userfaultfd,
	SYS_perf_event_open,
	SYS_fanotify_init,
	SYS_mq_open,
	SYS_open_tree,
	SYS_fsopen,
	SYS_fsmount,
	SYS_fspick,
	SYS_io_uring_setup,
	SYS_memfd_secret,
	SYS_open_by_handle_at,
	SYS_bpf,
#ifdef SYS_open
	SYS_open,
	SYS_creat,
	SYS_eventfd,
	SYS_signalfd,
	SYS_epoll_create,
	SYS_inotify_init,
#endif
};

/* Returns the path that system call nr opened, or NULL. */
static const char *opened_name(long nr, const long a[6])
{
	switch (nr) {
#ifdef SYS_open
	case SYS_open:
		return (const char *)a[0];
#endif
	case SYS_openat:
	case SYS_openat2:
		return (const char *)a[1];
	}
	return NULL;
}

static bool is_dup(long nr)
{
#ifdef SYS_dup2
	if (nr == SYS_dup2)
		return true;
#endif
	return nr == SYS_dup || nr == SYS_dup3;
}

static long note_made(long nr, const long a[6], long ret)
{
	const char *name;

	if (ret < 0)
		return ret;
	if (is_dup(nr)) {
		if (ret != a[0])
			fd_note_dup((int)a[0], (int)ret);
		return ret;
	}
	if (nr == SYS_pipe2 || nr == SYS_socketpair
#ifdef SYS_pipe
	    || nr == SYS_pipe
#endif
	) {
		const int *fds = (const int *)a[nr == SYS_socketpair ? 3 : 0];

		fd_forget(fds[0]);
		fd_forget(fds[1]);
		return ret;
	}
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (nr == makers[i])
			fd_forget((int)ret);
	name = opened_name(nr, a);
	if (name)
		path_note_opened((int)ret, name);
	return ret;
}

static bool is_routed(long nr)
{
	switch (nr) {
	case SYS_sendmsg:
	case SYS_recvmsg:
	case SYS_sendmmsg:
	case SYS_recvmmsg:
/* made-numbers.h has a NUMBER() for each number; here it is the label of a case. */
#define NUMBER(number, make_call) case number:
#include "shim/calls/made-numbers.h"
#undef NUMBER
		return true;
	}
	return false;
}

/* Makes the routed system call nr. Returns true if it went by ring; *res is its result then. */
static bool run_routed(long nr, const long a[6], ssize_t *res)
{
	switch (nr) {
/* Here it is a case that makes the call and returns. */
#define NUMBER(number, make_call) \
	case number:              \
		return make_call;
#include "shim/calls/made-numbers.h"
#undef NUMBER
	}
	return false;
}

static ssize_t native_send(int fd, const struct msghdr *msg, int flags)
{
	return NEXT(syscall)(SYS_sendmsg, (long)fd, msg, (long)flags);
}

static ssize_t native_receive(int fd, struct msghdr *msg, int flags)
{
	return NEXT(syscall)(SYS_recvmsg, (long)fd, msg, (long)flags);
}

static int native_send_many(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
	return (int)NEXT(syscall)(SYS_sendmmsg, (long)fd, msgs, (long)count, (long)flags);
}

static int native_receive_many(int fd, struct mmsghdr *msgs, unsigned count, int flags,
			       struct timespec *timeout)
{
	return (int)NEXT(syscall)(SYS_recvmmsg, (long)fd, msgs, (long)count, (long)flags, timeout);
}

/*
 * Returns true if a thread of the program could not be created, possibly because of io-wq
 * workers.
 */
static bool is_thread_without_room(long nr, long ret)
{
	return unlikely(ret == -1) && (nr == SYS_clone || nr == SYS_clone3) && errno == EAGAIN;
}

/* Returns true if the keyring was refused because the parent is not single-threaded. */
static bool is_refused_by_parent(long nr, const long a[6], long ret)
{
	return unlikely(ret == -1) && nr == SYS_keyctl && a[0] == KEYCTL_SESSION_TO_PARENT &&
		errno == EPERM;
}

static long run_native(long nr, const long a[6])
{
	long ret;

	do
		ret = NEXT(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	while (is_thread_without_room(nr, ret) && iowq_end_for_limit());
	if (is_refused_by_parent(nr, a, ret) && keyring_ask_parent())
		ret = NEXT(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (ret >= 0 && workers_would_keep(nr))
		iowq_end_workers(&thread_self);
	return note_made(nr, a, ret);
}

/* Returns the path whose attributes system call nr asks for, or NULL. */
static const char *looked_up_name(long nr, const long a[6])
{
	switch (nr) {
#ifdef SYS_stat
	case SYS_stat:
	case SYS_lstat:
		return (const char *)a[0];
#endif
	case SYS_newfstatat:
	case SYS_statx:
		return (const char *)a[1];
	}
	return NULL;
}

static long make_call(long nr, const long a[6])
{
	const char *name;
	ssize_t res;

	switch (nr) {
	case SYS_sendmsg:
		return msg_send((int)a[0], (const struct msghdr *)a[1], (int)a[2], native_send);
	case SYS_recvmsg:
		return msg_receive((int)a[0], (struct msghdr *)a[1], (int)a[2], native_receive);
	case SYS_sendmmsg:
		return mmsg_send((int)a[0], (struct mmsghdr *)a[1], (unsigned)a[2], (int)a[3],
				 native_send_many);
	case SYS_recvmmsg:
		return mmsg_receive((int)a[0], (struct mmsghdr *)a[1], (unsigned)a[2], (int)a[3],
				    (struct timespec *)a[4], native_receive_many);
	}
	res = run_routed(nr, a, &res) ? note_made(nr, a, res) : run_native(nr, a);
	name = looked_up_name(nr, a);
	return name && !res && iowq_end_if_listed(name) ? run_native(nr, a) : res;
}

/*
 * Makes a routed call without a cancellation point: unlike libc's functions for the same calls,
 * syscall() is none.
 */
static long call_to_its_end(long nr, const long a[6])
{
	int state;
	long ret;

	if (process_is_single_threaded())
		return make_call(nr, a);
	if (thread_self.cancels_asynchronously)
		return run_native(nr, a);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	ret = make_call(nr, a);
	pthread_setcancelstate(state, NULL);
	return ret;
}

/* NOLINTNEXTLINE(readability-function-size): the one dispatch of all numbers */
EXPORT long syscall(long nr, ...)
{
	long a[6];
	va_list args;

	va_start(args, nr);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	switch (nr) {
	case SYS_seccomp:
		if (a[0] == SECCOMP_SET_MODE_STRICT || a[0] == SECCOMP_SET_MODE_FILTER)
			return run_filter(nr, a);
		break;
	case SYS_prctl:
		if (sandbox_is_filter((int)a[0], (unsigned long)a[1]))
			return run_filter(nr, a);
		break;
#ifdef SYS_fork
	case SYS_fork:
		return run_fork(nr, a, 0);
#endif
	case SYS_clone:
		return run_fork(nr, a, (uint64_t)a[0]);
	case SYS_clone3:
		return run_fork(nr, a, clone_flags((const void *)a[0]));
	case SYS_exit:
		return prepare_exit(nr, a);
	case SYS_setuid:
	case SYS_setreuid:
	case SYS_setresuid:
	case SYS_setgid:
	case SYS_setregid:
	case SYS_setresgid:
	case SYS_setgroups:
	case SYS_setfsuid:
	case SYS_setfsgid:
	case SYS_capset:
		late_sync_before(LATE_CREDENTIALS);
		sqpoll_disable();
		ahead_end_helper();
		break;
	case SYS_rt_sigaction:
		return run_sigaction(nr, a);
	case SYS_fcntl:
		return fcntl((int)a[0], (int)a[1], a[2]);
	case SYS_ioctl:
		return ioctl((int)a[0], (unsigned long)a[1], a[2]);
	case SYS_setsockopt:
		return setsockopt((int)a[0], (int)a[1], (int)a[2], (const void *)a[3],
				  (socklen_t)a[4]);
	case SYS_close:
		close_prepare((int)a[0]);
		break;
	case SYS_close_range:
		return close_range((unsigned)a[0], (unsigned)a[1], (int)a[2]);
	case SYS_inotify_add_watch:
	case SYS_fanotify_mark:
		fd_watch(FD_WATCH_EVENTS);
		break;
	case SYS_unshare:
		return unshare((int)a[0]);
	case SYS_setns:
		return setns((int)a[0], (int)a[1]);
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup3:
		if (a[0] != a[1])
			close_prepare((int)a[1]);
		break;
	}
	/*
	 * Calls that are not routed leave the cancellation state of libc alone: they can come
	 * from a thread that libc does not know.
	 */
	return is_routed(nr) ? call_to_its_end(nr, a) : run_native(nr, a);
}

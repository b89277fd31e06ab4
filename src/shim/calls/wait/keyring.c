/* SPDX-License-Identifier: MIT */
/*
 * Lets a child give its session keyring to a parent that waits and has io-wq workers
 * (keyring.h).
 */
#include <linux/futex.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "shim/calls/wait/keyring.h"
#include "shim/ring/child-marks.h"
#include "shim/iowq/workers.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/process.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"

/*
 * The number of times that a child checks, pause_between apart, if its parent waits for it and
 * has answered. Once the request has reached the parent, an answer comes, if late: it ends its workers.
 */
enum { TRIES = 200, TRIES_WHEN_REACHED = 5000 };

static const struct timespec pause_between = { .tv_nsec = 1000000 };

/* Does what the signal does natively, because it was not sent by queue_request(). */
static void end_by_signal(int sig)
{
	const struct sigaction act = { .sa_handler = SIG_DFL };

	NEXT(sigaction)(sig, &act, NULL);
	sys2(SYS_kill, sys0(SYS_getpid), sig);
}

static void on_request(int sig, siginfo_t *info, void *context)
{
	struct child_marks_page *page = child_marks_own_page();

	if (info->si_code != SI_QUEUE || info->si_value.sival_ptr != page) {
		end_by_signal(sig);
		return;
	}
	atomic_fetch_add(&page->requests, 1);
	iowq_end_workers(&thread_self);
	atomic_fetch_add(&page->answers, 1);
}

void keyring_wait_begin(struct keyring_wait *wait, int options)
{
	struct child_marks_page *page = child_marks_own_page();
	struct sigaction act = { .sa_flags = SA_RESTART | SA_SIGINFO };

	wait->sig = 0;
	if (likely(!thread_self.may_have_workers) || options & WNOHANG || !page ||
	    !process_is_single_threaded() || thread_is_vfork_child() ||
	    atomic_load(&process.block) != REASON_RING)
		return;
	act.sa_sigaction = on_request;
	wait->sig = thread_find_spare_signal();
	if (wait->sig && !sigaction(wait->sig, &act, &wait->old))
		atomic_store(&page->signal, wait->sig);
	else
		wait->sig = 0;
}

void keyring_wait_end(const struct keyring_wait *wait)
{
	int saved = errno;

	if (likely(!wait->sig))
		return;
	atomic_store(&child_marks_own_page()->signal, 0);
	/*
	 * A request that is still under way must not end the program. Ignoring the signal
	 * discards it.
	 */
	sigaction(wait->sig, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	sigaction(wait->sig, &wait->old, NULL);
	errno = saved;
}

static bool queue_request(struct child_marks_page *page, int sig)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = SI_QUEUE;
	info.si_pid = (pid_t)sys0(SYS_getpid);
	info.si_uid = (uid_t)sys0(SYS_getuid);
	info.si_value.sival_ptr = page;
	return !sys3(SYS_rt_sigqueueinfo, sys0(SYS_getppid), sig, (long)&info);
}

static bool ask_parent(struct child_marks_page *page)
{
	uint32_t answers = atomic_load(&page->answers), requests = atomic_load(&page->requests);
	bool asked = false;

	for (int i = 0, tries = TRIES; i < tries; i++) {
		int sig = atomic_load(&page->signal);

		tries = atomic_load(&page->requests) != requests ? TRIES_WHEN_REACHED : TRIES;
		if (atomic_load(&page->answers) != answers)
			return true;
		if (!asked && sig)
			asked = queue_request(page, sig);
		sys2(SYS_nanosleep, (long)&pause_between, 0);
	}
	return false;
}

bool keyring_ask_parent(void)
{
	struct child_marks_page *page = child_marks_parent_page();
	int saved = errno;
	bool answered;

	/* The parent made this page and has it at the same address, so a request can name it. */
	if (!page || thread_is_vfork_child() || atomic_load(&process.block) == REASON_SANDBOX)
		return false;
	answered = ask_parent(page);
	errno = saved;
	return answered;
}

/* SPDX-License-Identifier: MIT */
/*
 * Signal dispositions: sigaction(), signal() and their variants. The kernel gets a wrapper of
 * ours in place of each handler of the program, and the program never sees the wrapper.
 */
#include "shim/op/interrupt.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/thread.h"

typedef int (*action_fn)(int sig, const struct sigaction *act, struct sigaction *old);
typedef handler_fn (*signal_fn)(int sig, handler_fn handler);

static bool is_valid_signal(int sig)
{
	return sig > 0 && sig < _NSIG;
}

/*
 * Returns true if this handler is to be wrapped. A vfork child has its own dispositions but
 * uses its parent's table, and has no operation in flight.
 */
static bool is_wrappable(int sig, handler_fn handler)
{
	return is_valid_signal(sig) && !thread_is_vfork_child() && !interrupt_is_wrapper(handler) &&
		interrupt_wrap(handler) != handler;
}

/* The shim's knowledge of a signal. It is restored if the kernel rejects the new handler. */
struct known {
	handler_fn handler;
	bool restarts;
};

static struct known get_known(int sig)
{
	if (!is_valid_signal(sig))
		return (struct known){ 0 };
	return (struct known){ interrupt_handler(sig), interrupt_restarts(sig) };
}

static int set_action(action_fn native, int sig, const struct sigaction *act, struct sigaction *old)
{
	struct known before = get_known(sig);
	struct sigaction wrapped;
	bool wrap = act && is_wrappable(sig, act->sa_handler);
	int ret;

	if (wrap) {
		wrapped = *act;
		wrapped.sa_handler = interrupt_wrap(act->sa_handler);
		interrupt_set_handler(sig, act->sa_handler, act->sa_flags & SA_RESTART);
	}
	ret = native(sig, wrap ? &wrapped : act, old);
	if (ret && wrap)
		interrupt_set_handler(sig, before.handler, before.restarts);
	if (!ret && old && interrupt_is_wrapper(old->sa_handler))
		old->sa_handler = before.handler;
	return ret;
}

/*
 * One bit for each signal for which siginterrupt() told signal() not to set SA_RESTART, as in
 * libc.
 */
static _Atomic uint64_t interrupting;

static bool is_interrupting(int sig)
{
	return is_valid_signal(sig) && interrupting >> (sig - 1) & 1;
}

static handler_fn set_handler(signal_fn native, int sig, handler_fn handler, bool restarts)
{
	struct known before = get_known(sig);
	bool wrap = is_wrappable(sig, handler);
	handler_fn ret;

	if (wrap)
		interrupt_set_handler(sig, handler, restarts);
	ret = native(sig, wrap ? interrupt_wrap(handler) : handler);
	if (wrap && ret == SIG_ERR)
		interrupt_set_handler(sig, before.handler, before.restarts);
	return interrupt_is_wrapper(ret) ? before.handler : ret;
}

EXPORT int sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	return set_action(NEXT(sigaction), sig, act, old);
}

EXPORT int __sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	return set_action(NEXT(__sigaction), sig, act, old);
}

EXPORT handler_fn signal(int sig, handler_fn handler)
{
	return set_handler(NEXT(signal), sig, handler, !is_interrupting(sig));
}

EXPORT handler_fn bsd_signal(int sig, handler_fn handler)
{
	return set_handler(NEXT(bsd_signal), sig, handler, !is_interrupting(sig));
}

EXPORT handler_fn ssignal(int sig, handler_fn handler)
{
	return set_handler(NEXT(ssignal), sig, handler, !is_interrupting(sig));
}

EXPORT handler_fn sysv_signal(int sig, handler_fn handler)
{
	return set_handler(NEXT(sysv_signal), sig, handler, false);
}

EXPORT handler_fn __sysv_signal(int sig, handler_fn handler)
{
	return set_handler(NEXT(__sysv_signal), sig, handler, false);
}

EXPORT handler_fn sigset(int sig, handler_fn handler)
{
	return set_handler(NEXT(sigset), sig, handler, false);
}

EXPORT int siginterrupt(int sig, int flag)
{
	int ret = NEXT(siginterrupt)(sig, flag);

	if (ret)
		return ret;
	if (flag)
		atomic_fetch_or(&interrupting, 1ull << (sig - 1));
	else
		atomic_fetch_and(&interrupting, ~(1ull << (sig - 1)));
	if (!thread_is_vfork_child())
		interrupt_set_restarts(sig, !flag);
	return ret;
}

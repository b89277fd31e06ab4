/*
 * Signal dispositions: the kernel gets a handler of ours in place of each of
 * the program's, and the program never sees it.
 */
#include "shim/interrupt.h"
#include "shim/next.h"
#include "shim/thread.h"

typedef int (*action_fn)(int sig, const struct sigaction *act, struct sigaction *old);
typedef handler_fn (*signal_fn)(int sig, handler_fn handler);

static bool valid(int sig)
{
	return sig > 0 && sig < _NSIG;
}

/*
 * Whether this handler is to be wrapped. A vfork child has dispositions of its
 * own but its parent's table, and no operation in flight.
 */
static bool wrappable(int sig, handler_fn handler)
{
	return valid(sig) && !thread_borrowed() && !interrupt_is_wrapper(handler) &&
	       interrupt_wrap(handler, 0) != handler;
}

static int set_action(action_fn native, int sig, const struct sigaction *act,
		      struct sigaction *old)
{
	handler_fn before = valid(sig) ? interrupt_handler(sig) : NULL;
	struct sigaction wrapped;
	bool wrap = act && wrappable(sig, act->sa_handler);
	int ret;

	if (wrap) {
		wrapped = *act;
		wrapped.sa_handler = interrupt_wrap(act->sa_handler, act->sa_flags);
		interrupt_set_handler(sig, act->sa_handler);
	}
	ret = native(sig, wrap ? &wrapped : act, old);
	if (ret && wrap)
		interrupt_set_handler(sig, before);
	if (!ret && old && interrupt_is_wrapper(old->sa_handler))
		old->sa_handler = before;
	return ret;
}

/* libc chose the flags: let the wrapper be the one that goes with them. */
static void match_flags(int sig)
{
	struct sigaction act;
	handler_fn right;

	if (NEXT(sigaction)(sig, NULL, &act) || !interrupt_is_wrapper(act.sa_handler))
		return;
	right = interrupt_wrap(interrupt_handler(sig), act.sa_flags);
	if (act.sa_handler == right)
		return;
	act.sa_handler = right;
	NEXT(sigaction)(sig, &act, NULL);
}

static handler_fn set_handler(signal_fn native, int sig, handler_fn handler, int likely_flags)
{
	handler_fn before = valid(sig) ? interrupt_handler(sig) : NULL;
	bool wrap = wrappable(sig, handler);
	handler_fn ret;

	if (wrap)
		interrupt_set_handler(sig, handler);
	ret = native(sig, wrap ? interrupt_wrap(handler, likely_flags) : handler);
	if (wrap && ret == SIG_ERR)
		interrupt_set_handler(sig, before);
	else if (wrap)
		match_flags(sig);
	return interrupt_is_wrapper(ret) ? before : ret;
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
	return set_handler(NEXT(signal), sig, handler, SA_RESTART);
}

EXPORT handler_fn bsd_signal(int sig, handler_fn handler)
{
	return set_handler(NEXT(bsd_signal), sig, handler, SA_RESTART);
}

EXPORT handler_fn ssignal(int sig, handler_fn handler)
{
	return set_handler(NEXT(ssignal), sig, handler, SA_RESTART);
}

EXPORT handler_fn sysv_signal(int sig, handler_fn handler)
{
	return set_handler(NEXT(sysv_signal), sig, handler, 0);
}

EXPORT handler_fn __sysv_signal(int sig, handler_fn handler)
{
	return set_handler(NEXT(__sysv_signal), sig, handler, 0);
}

EXPORT handler_fn sigset(int sig, handler_fn handler)
{
	return set_handler(NEXT(sigset), sig, handler, 0);
}

EXPORT int siginterrupt(int sig, int flag)
{
	int ret = NEXT(siginterrupt)(sig, flag);

	if (!ret && !thread_borrowed())
		match_flags(sig);
	return ret;
}

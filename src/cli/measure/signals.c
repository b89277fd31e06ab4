/* SPDX-License-Identifier: MIT */
/* Names of signals. */
#include "config.h"

#include "cli/measure/signals.h"

#include "cli/cli.h"

#include <signal.h>

/* clang-format off */
/* strsignal(3) returns descriptions instead, and not every libc has sigabbrev_np(3). */
static const struct {
	int number;
	const char *name;
} names[] = {
	{ SIGHUP, "HUP" }, { SIGINT, "INT" }, { SIGQUIT, "QUIT" }, { SIGILL, "ILL" },
	{ SIGTRAP, "TRAP" }, { SIGABRT, "ABRT" }, { SIGBUS, "BUS" }, { SIGFPE, "FPE" },
	{ SIGKILL, "KILL" }, { SIGUSR1, "USR1" }, { SIGSEGV, "SEGV" }, { SIGUSR2, "USR2" },
	{ SIGPIPE, "PIPE" }, { SIGALRM, "ALRM" }, { SIGTERM, "TERM" }, { SIGVTALRM, "VTALRM" },
	{ SIGXCPU, "XCPU" }, { SIGXFSZ, "XFSZ" }, { SIGPROF, "PROF" }, { SIGIO, "IO" },
	{ SIGSYS, "SYS" },
};
/* clang-format on */

char *signal_name(int signal)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].number == signal)
			return text("SIG%s", names[i].name);
	return text("signal %d", signal);
}

/* SPDX-License-Identifier: MIT */
/* Counts, ignores or blocks SIGPIPE and SIGXFSZ, and reports them in the case's line. */
#include "differential.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const int watched[2] = { SIGPIPE, SIGXFSZ };
static const char *const watched_names[2] = { "PIPE", "XFSZ" };

static volatile sig_atomic_t seen[2], seen_code[2], seen_elsewhere;
static volatile pid_t caller;

static void count_signal(int sig, siginfo_t *info, void *context)
{
	unsigned int i = sig == SIGXFSZ;

	seen[i]++;
	seen_code[i] = info->si_code;
	if (raw_gettid() != caller)
		seen_elsewhere = 1;
}

static void set_handler(int sig, bool ignore)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_flags = SA_SIGINFO | SA_RESTART;
	sa.sa_sigaction = count_signal;
	if (ignore) {
		sa.sa_flags = 0;
		sa.sa_handler = SIG_IGN;
	}
	sigaction(sig, &sa, NULL);
}

static void set_blocked(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	pthread_sigmask(how, &set, NULL);
}

void signals_init(void)
{
	sigset_t set;

	set_handler(SIGPIPE, false);
	set_handler(SIGXFSZ, false);
	set_blocked(SIG_UNBLOCK);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);	/* the signal that the signalfd kinds read */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGHUP, SIG_IGN);	/* sent when a pty that became our terminal is closed */
}

void signals_arm(const struct arg_case *ac)
{
	for (unsigned int i = 0; i < 2; i++) {
		seen[i] = 0;
		if (ac->marks & C_SIG_IGNORED)
			set_handler(watched[i], true);
	}
	seen_elsewhere = 0;
	caller = raw_gettid();
	if (ac->marks & C_SIG_BLOCKED)
		set_blocked(SIG_BLOCK);
}

/* Returns true if sig is pending for this thread alone, as it must be. */
static bool pending_on_thread(int sig)
{
	char text[4096], *line;
	unsigned long long set = 0;
	int fd = raw_open("/proc/thread-self/status", O_RDONLY, 0);
	long n = fd < 0 ? 0 : raw_read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		raw_close(fd);
	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, "SigPnd:");
	if (line)
		sscanf(line + 7, "%llx", &set);
	return set >> (sig - 1) & 1;
}

static void report_pending(char **p, char *end)
{
	for (unsigned int i = 0; i < 2; i++) {
		uint64_t set = 1ULL << (watched[i] - 1);
		struct timespec none = { 0, 0 };
		bool mine = pending_on_thread(watched[i]);

		if (raw6(SYS_rt_sigtimedwait, (long)&set, 0, (long)&none, 8, 0, 0) > 0)
			put(p, end, " pending=%s%s", watched_names[i], mine ? "" : "(process)");
	}
}

void signals_report(const struct arg_case *ac, char **p, char *end)
{
	if (ac->marks & C_SIG_BLOCKED) {
		report_pending(p, end);
		set_blocked(SIG_UNBLOCK);
	}
	for (unsigned int i = 0; i < 2; i++) {
		if (seen[i])
			put(p, end, " signal=%s*%d(code %d)%s", watched_names[i], (int)seen[i],
			    (int)seen_code[i], seen_elsewhere ? "(elsewhere)" : "");
		if (ac->marks & C_SIG_IGNORED)
			set_handler(watched[i], false);
	}
}

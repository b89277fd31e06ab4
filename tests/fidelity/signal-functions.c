/* SPDX-License-Identifier: MIT */
/*
 * Tests the signal functions: their reports and effects; waits for signals; one-shot, masked and
 * nested handlers; interval timers over file I/O.
 */
#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* Headers no longer declare these, but old binaries call them. */
sighandler_t bsd_signal(int sig, sighandler_t handler);
sighandler_t __sysv_signal(int sig, sighandler_t handler);
int __sigaction(int sig, const struct sigaction *act, struct sigaction *old);

#define RESTORER 0x04000000

static atomic_int hits, inner_hits;

static void on_one(int sig) { hits++; }
static void on_two(int sig) { inner_hits++; }
static void on_info(int sig, siginfo_t *info, void *context) { hits++; }

static const char *handler_name(sighandler_t handler)
{
	if (handler == SIG_DFL)
		return "default";
	if (handler == SIG_IGN)
		return "ignore";
	if (handler == SIG_ERR)
		return "error";
	if (handler == SIG_HOLD)
		return "hold";
	if (handler == on_one)
		return "one";
	if (handler == on_two)
		return "two";
	if ((void *)handler == (void *)on_info)
		return "info";
	return "SOMETHING ELSE";
}

static void say_mask(const char *what, const sigset_t *set)
{
	char text[300] = "";

	for (int sig = 1; sig < 65; sig++) {
		if (sigismember(set, sig) == 1)
			sprintf(text + strlen(text), " %d", sig);
	}
	fid_say("%s{%s }", what, text);
}

static void say_action(int sig)
{
	struct sigaction sa;

	memset(&sa, 0x55, sizeof(sa));
	if (sigaction(sig, NULL, &sa)) {
		fid_say("%s", fid_errname(errno));
		return;
	}
	fid_say("%s flags %x", handler_name(sa.sa_handler), (unsigned)sa.sa_flags);
	say_mask("mask", &sa.sa_mask);
}

/* Reports the kernel's disposition, bypassing the library: ignored or caught. */
static void say_kernel(int sig)
{
	char text[4096], *p;
	int fd = fid_sys4(SYS_openat, AT_FDCWD, "/proc/thread-self/status", O_RDONLY, 0);
	long n = fid_sys3(SYS_read, fd, text, sizeof(text) - 1);
	uint64_t ignored, caught;

	fid_sys1(SYS_close, fd);
	text[n > 0 ? n : 0] = '\0';
	p = strstr(text, "SigIgn:");
	ignored = p ? strtoull(p + 7, NULL, 16) : 0;
	p = strstr(text, "SigCgt:");
	caught = p ? strtoull(p + 7, NULL, 16) : 0;
	fid_say("kernel: %s", ignored >> (sig - 1) & 1 ? "ignored" :
		caught >> (sig - 1) & 1 ? "caught" : "default");
}

static void install(int sig, sighandler_t handler, int flags, int masked)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	if (masked)
		sigaddset(&sa.sa_mask, masked);
	if (sigaction(sig, &sa, NULL))
		fid_say("sigaction %s", fid_errname(errno));
}

static void report_sigaction(const void *arg)
{
	static const unsigned flags[] = {
		0, SA_RESTART, SA_NODEFER, SA_RESETHAND, SA_ONSTACK, SA_NOCLDSTOP, SA_NOCLDWAIT,
		SA_RESTART | SA_NODEFER | SA_ONSTACK | SA_RESETHAND, 0x00000800 /* EXPOSE_TAGBITS */,
		0x00000400 /* SA_UNSUPPORTED */, 0x100000,
	};

	say_action(SIGUSR1);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		install(SIGUSR1, on_one, flags[i], SIGUSR2);
		say_action(SIGUSR1);
	}
	install(SIGUSR1, SIG_IGN, SA_RESTART, SIGHUP);
	say_action(SIGUSR1);
	say_kernel(SIGUSR1);
	install(SIGUSR1, SIG_DFL, SA_NODEFER, SIGHUP);
	say_action(SIGUSR1);
	say_kernel(SIGUSR1);
	install(SIGUSR1, on_one, 0, 0);
	say_kernel(SIGUSR1);
}

static void report_siginfo(const void *arg)
{
	struct sigaction sa = { .sa_sigaction = on_info, .sa_flags = SA_SIGINFO | SA_RESTART }, old;

	sigfillset(&sa.sa_mask);
	fid_say("%d", sigaction(SIGUSR1, &sa, NULL));
	say_action(SIGUSR1);
	sa.sa_sigaction = NULL;
	fid_say("%d", sigaction(SIGUSR1, &sa, &old));
	fid_say("was %s %x", handler_name(old.sa_handler), old.sa_flags);
	say_mask("mask", &old.sa_mask);
	/* SIG_DFL with SA_SIGINFO */
	say_action(SIGUSR1);
	sa.sa_handler = on_one;
	fid_say("%d", sigaction(SIGUSR1, &sa, &old));
	fid_say("was %s %x", handler_name(old.sa_handler), old.sa_flags);
}

static void report_same_struct(const void *arg)
{
	struct sigaction sa = { .sa_handler = on_two, .sa_flags = SA_RESTART };
	struct sigaction *volatile one = &sa, *volatile other = &sa;

	install(SIGUSR1, on_one, SA_NODEFER, SIGHUP);
	/* The new and the old action share one structure. */
	fid_say("%d", sigaction(SIGUSR1, one, other));
	fid_say("was %s %x", handler_name(sa.sa_handler), sa.sa_flags);
	say_mask("mask", &sa.sa_mask);
	say_action(SIGUSR1);
}

static void report_bad(const void *arg)
{
	static const int sigs[] = { -1, 0, 65, 1000, SIGKILL, SIGSTOP, 32, 33 };
	struct sigaction sa = { .sa_handler = on_one }, old;

	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		int a, b, c;

		errno = 0;
		a = sigaction(sigs[i], &sa, NULL) ? errno : 0;
		b = sigaction(sigs[i], NULL, &old) ? errno : 0;
		c = signal(sigs[i], SIG_IGN) == SIG_ERR ? errno : 0;
		fid_say("%d: %s %s %s", sigs[i], a ? fid_errname(a) : "0",
			b ? fid_errname(b) : "0", c ? fid_errname(c) : "0");
	}
	fid_say("%d", sigaction(SIGUSR1, NULL, NULL));
	fid_say("%d", sigaction(SIGUSR1, &sa, &old));
	fid_say("errno kept: %s", (errno = 33, sigaction(SIGUSR1, &sa, &old), errno == 33) ?
		"yes" : "NO");
}

static void report_signal(const void *arg)
{
	fid_say("was %s", handler_name(signal(SIGUSR1, on_one)));
	say_action(SIGUSR1);
	fid_say("was %s", handler_name(signal(SIGUSR1, SIG_IGN)));
	say_action(SIGUSR1);
	fid_say("was %s", handler_name(signal(SIGUSR1, on_two)));
	raise(SIGUSR1);
	raise(SIGUSR1);
	fid_say("runs %d", inner_hits);
	fid_say("was %s", handler_name(bsd_signal(SIGUSR1, on_one)));
	say_action(SIGUSR1);
	fid_say("was %s", handler_name(ssignal(SIGUSR1, on_two)));
	say_action(SIGUSR1);
	fid_say("was %s", handler_name(signal(SIGUSR1, SIG_DFL)));
	fid_say("was %s", handler_name(signal(SIGKILL, on_one)));
}

static void report_sysv_signal(const void *arg)
{
	fid_say("was %s", handler_name(sysv_signal(SIGUSR1, on_one)));
	say_action(SIGUSR1);
	raise(SIGUSR1);
	fid_say("runs %d", hits);
	say_action(SIGUSR1);
	fid_say("was %s", handler_name(__sysv_signal(SIGUSR1, on_two)));
	say_action(SIGUSR1);
	raise(SIGUSR1);
	say_action(SIGUSR1);
	say_kernel(SIGUSR1);
}

static void report_sigset(const void *arg)
{
	sigset_t set;

	fid_say("was %s", handler_name(sigset(SIGUSR1, on_one)));
	say_action(SIGUSR1);
	fid_say("was %s", handler_name(sigset(SIGUSR1, SIG_HOLD)));
	sigprocmask(SIG_BLOCK, NULL, &set);
	say_mask("blocked", &set);
	say_action(SIGUSR1);
	raise(SIGUSR1);
	fid_say("runs %d", hits);
	fid_say("was %s", handler_name(sigset(SIGUSR1, on_two)));
	fid_say("runs %d %d", hits, inner_hits);
	sigprocmask(SIG_BLOCK, NULL, &set);
	say_mask("blocked", &set);
	fid_say("was %s", handler_name(sigset(SIGKILL, on_two)));
}

static void report_sighold(const void *arg)
{
	sigset_t set;

	install(SIGUSR1, on_one, 0, 0);
	fid_say("%d", sighold(SIGUSR1));
	sigprocmask(SIG_BLOCK, NULL, &set);
	say_mask("blocked", &set);
	raise(SIGUSR1);
	fid_say("runs %d", hits);
	fid_say("%d", sigrelse(SIGUSR1));
	fid_say("runs %d", hits);
	fid_say("%d", sigignore(SIGUSR1));
	say_action(SIGUSR1);
	say_kernel(SIGUSR1);
	raise(SIGUSR1);
	fid_say("runs %d", hits);
	fid_say("%s", sigignore(SIGKILL) ? fid_errname(errno) : "0");
	fid_say("%s", sigignore(900) ? fid_errname(errno) : "0");
}

static void report_siginterrupt(const void *arg)
{
	install(SIGUSR1, on_one, SA_RESTART, SIGHUP);
	fid_say("%d", siginterrupt(SIGUSR1, 1));
	say_action(SIGUSR1);
	fid_say("%d", siginterrupt(SIGUSR1, 0));
	say_action(SIGUSR1);
	/* signal() must remember this setting. */
	siginterrupt(SIGUSR1, 1);
	signal(SIGUSR1, on_two);
	say_action(SIGUSR1);
	siginterrupt(SIGUSR1, 0);
	signal(SIGUSR1, on_one);
	say_action(SIGUSR1);
	fid_say("%s", siginterrupt(SIGKILL, 1) ? fid_errname(errno) : "0");
}

static void report_raw(const void *arg)
{
	/* Installed through libc, read with syscall(), and the other way round. */
	struct { void *handler; unsigned long flags; void *restorer; uint64_t mask; } k;
	struct sigaction sa;

	install(SIGUSR1, on_one, SA_RESTART, SIGHUP);
	memset(&k, 0, sizeof(k));
	fid_say("%ld", syscall(SYS_rt_sigaction, SIGUSR1, NULL, &k, 8));
	fid_say("%s %lx %lx", handler_name((sighandler_t)k.handler), k.flags & ~RESTORER,
		(unsigned long)k.mask);
	k.handler = on_two;
	fid_say("%ld", syscall(SYS_rt_sigaction, SIGUSR1, &k, NULL, 8));
	sigaction(SIGUSR1, NULL, &sa);
	fid_say("%s", handler_name(sa.sa_handler));
	raise(SIGUSR1);
	fid_say("runs %d %d", hits, inner_hits);
	signal(SIGUSR1, SIG_IGN);
	fid_say("%ld", syscall(SYS_rt_sigaction, SIGUSR1, NULL, &k, 8));
	fid_say("%s", handler_name((sighandler_t)k.handler));
}

static void report_after_fork(const void *arg)
{
	pid_t pid;

	install(SIGUSR1, on_one, SA_RESTART, SIGHUP);
	pid = fork();
	if (pid == 0) {
		say_action(SIGUSR1);
		raise(SIGUSR1);
		fid_say("runs %d", hits);
		signal(SIGUSR1, on_two);
		say_action(SIGUSR1);
		_exit(0);
	}
	fid_reap(pid);
	say_action(SIGUSR1);
	raise(SIGUSR1);
	fid_say("runs %d", hits);
}

static void report_after_exec(const void *arg)
{
	char text[64] = "";
	int p[2];
	pid_t pid;

	/* exec resets handlers to the default and keeps ignored signals ignored. */
	signal(SIGUSR1, on_one);
	signal(SIGUSR2, SIG_IGN);
	if (pipe(p))
		return;
	pid = fork();
	if (pid == 0) {
		dup2(p[1], 1);
		execl("/bin/sh", "sh", "-c",
		      "kill -USR2 $$; echo on; kill -USR1 $$; echo not reached", NULL);
		_exit(9);
	}
	close(p[1]);
	fid_say("%s", fid_result(fid_reap(pid)));
	if (read(p[0], text, sizeof(text) - 1) < 0)
		fid_say("read %s", fid_errname(errno));
	text[strcspn(text, "\n")] = '\0';
	fid_say("%s", text);
}

static void all_signals(const void *arg)
{
	/* One handler for all signals, as daemons install; then each is raised once. */
	int installed = 0;

	for (int sig = 1; sig < 65; sig++) {
		struct sigaction sa = { .sa_handler = on_one, .sa_flags = SA_RESTART };

		installed += !sigaction(sig, &sa, NULL);
	}
	for (int sig = 1; sig < 65; sig++) {
		if (sig != SIGKILL && sig != SIGSTOP && (sig < 32 || sig >= SIGRTMIN))
			raise(sig);
	}
	fid_say("installed %d, run %d", installed, hits);
}

static void libc_handlers(const void *arg)
{
	/* A loop over all signals must leave libc's own signals alone. */
	pthread_t thread;
	void *result;

	for (int sig = 1; sig < 65; sig++)
		signal(sig, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	if (pthread_create(&thread, NULL, (void *(*)(void *))(void *)pause, NULL))
		fid_die("pthread_create");
	pthread_cancel(thread);
	pthread_join(thread, &result);
	fid_say("%s", result == PTHREAD_CANCELED ? "cancelled" : "NOT CANCELLED");
	fid_say("setuid %d", setuid(getuid()));
	fid_say("system %d", system("exit 3"));
}

/* Running handlers */

static int depth, deepest;

static void on_nested(int sig)
{
	depth++;
	hits++;
	if (depth > deepest)
		deepest = depth;
	if (hits < 5)
		raise(SIGUSR1);
	depth--;
}

static void run_nodefer(const void *arg)
{
	install(SIGUSR1, on_nested, SA_NODEFER, 0);
	raise(SIGUSR1);
	fid_say("runs %d, deepest %d", hits, deepest);
}

static void run_defer(const void *arg)
{
	install(SIGUSR1, on_nested, 0, 0);
	raise(SIGUSR1);
	fid_say("runs %d, deepest %d", hits, deepest);
}

static void run_resethand(const void *arg)
{
	pid_t pid;

	install(SIGUSR1, on_one, SA_RESETHAND, 0);
	say_kernel(SIGUSR1);
	raise(SIGUSR1);
	fid_say("runs %d", hits);
	say_action(SIGUSR1);
	say_kernel(SIGUSR1);
	pid = fork();
	if (pid == 0) {
		raise(SIGUSR1);
		_exit(0);
	}
	fid_say("%s", fid_result(fid_reap(pid)));
}

static void on_reset_look(int sig)
{
	hits++;
	say_action(SIGUSR1);
	install(SIGUSR1, on_two, SA_RESETHAND, 0);
}

static void run_resethand_inside(const void *arg)
{
	install(SIGUSR1, on_reset_look, SA_RESETHAND, 0);
	raise(SIGUSR1);
	say_action(SIGUSR1);
	raise(SIGUSR1);
	say_action(SIGUSR1);
	fid_say("runs %d %d", hits, inner_hits);
}

static void on_say_mask(int sig)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	say_mask("inside", &set);
	hits++;
}

static void run_masks(const void *arg)
{
	static const struct { int sig, flags, masked, before; } rows[] = {
		{ SIGUSR1, 0, 0, 0 }, { SIGUSR1, SA_NODEFER, 0, 0 }, { SIGUSR1, 0, SIGUSR2, 0 },
		{ SIGUSR1, SA_NODEFER, SIGUSR2, 0 }, { SIGUSR1, SA_NODEFER, SIGUSR1, 0 },
		{ SIGUSR1, 0, 0, SIGHUP }, { SIGUSR1, SA_RESETHAND, SIGTERM, SIGHUP },
		{ SIGTERM, SA_RESETHAND | SA_NODEFER, 40, 41 },
	};
	sigset_t set;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sigemptyset(&set);
		if (rows[i].before)
			sigaddset(&set, rows[i].before);
		sigprocmask(SIG_SETMASK, &set, NULL);
		install(rows[i].sig, on_say_mask, rows[i].flags, rows[i].masked);
		raise(rows[i].sig);
		sigprocmask(SIG_BLOCK, NULL, &set);
		say_mask("after", &set);
	}
}

static int order[16], ordered;

static void on_order(int sig)
{
	if (ordered < 16)
		order[ordered++] = sig;
}

static void run_order(const void *arg)
{
	/* Several pending signals become deliverable at once. */
	static const int sigs[] = { 40, SIGUSR2, SIGTERM, 36, SIGUSR1, SIGHUP, 50 };
	char text[100] = "";
	sigset_t set, old;

	sigfillset(&set);
	for (int i = 0; i < 7; i++) {
		struct sigaction sa = { .sa_handler = on_order };

		if (arg)
			sa.sa_mask = set;
		sigaction(sigs[i], &sa, NULL);
	}
	sigprocmask(SIG_SETMASK, &set, &old);
	for (int i = 0; i < 7; i++)
		kill(getpid(), sigs[i]);
	sigprocmask(SIG_SETMASK, &old, NULL);
	for (int i = 0; i < ordered; i++)
		sprintf(text + strlen(text), " %d", order[i]);
	fid_say("ran:%s", text);
}

static sigjmp_buf home;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	hits++;
	fid_say("signal %d code %d", sig, info->si_code);
	siglongjmp(home, 1);
}

static void run_fault(const void *arg)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	volatile int *volatile nowhere = NULL;
	volatile int zero = 0;

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGFPE, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	for (volatile int i = 0; i < 3; i++) {
		if (!sigsetjmp(home, 1))
			*nowhere = 1;
	}
#if defined(__x86_64__)
	if (!sigsetjmp(home, 1))
		fid_say("%d", 7 / zero);
#endif
	if (!sigsetjmp(home, 1)) {
		int fd = open("short", O_RDWR | O_CREAT, 0600);
		char *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

		fid_say("%d", *(volatile char *)p);
	}
	fid_say("faults %d, zero %d", hits, zero);
}

static void run_overflow(const void *arg)
{
	/* The handler of a stack overflow has only the alternate stack. */
	stack_t stack = { .ss_size = 64 * 1024, .ss_sp = malloc(64 * 1024) };
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	if (!sigsetjmp(home, 1)) {
#if defined(__x86_64__)
		/* An invalid stack pointer: nothing can be pushed there. */
		__asm__ volatile("mov %0, %%rsp\n\tpush %%rax" : : "r"(page + 2048) : "memory");
		__builtin_unreachable();
#else
		*(volatile char *)page = 1;
#endif
	}
	fid_say("faults %d", hits);
}

static void run_small_stack(const void *arg)
{
	/* The kernel's MINSIGSTKSZ plus a little: no stack to waste. */
	long size = sysconf(_SC_MINSIGSTKSZ) + 2048;
	char *area = mmap(NULL, 4096 + size + 4095, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack;

	size = (size + 4095) & ~4095L;
	mprotect(area, 4096, PROT_NONE);
	stack = (stack_t){ .ss_sp = area + 4096, .ss_size = size };
	sigaltstack(&stack, NULL);
	install(SIGUSR1, on_one, SA_ONSTACK, 0);
	for (int i = 0; i < 10; i++)
		raise(SIGUSR1);
	fid_say("runs %d", hits);
}

/* Waiting for signals */

static void queue_three(void)
{
	for (int i = 1; i < 4; i++) {
		union sigval value = { .sival_int = i * 11 };

		sigqueue(getpid(), SIGRTMIN + 2, value);
	}
	kill(getpid(), SIGUSR1);
}

static sigset_t wait_set(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

static void wait_sigwait(const void *arg)
{
	sigset_t set = wait_set();
	struct timespec soon = { 0, 20000000 };
	siginfo_t info;
	int sig = 0;

	install(SIGUSR1, on_one, 0, 0);
	install(SIGRTMIN + 2, on_one, 0, 0);
	queue_three();
	fid_say("%d %d", sigwait(&set, &sig), sig);
	fid_say("%d", sigwaitinfo(&set, &info) == SIGRTMIN + 2);
	fid_say("value %d code %d", info.si_value.sival_int, info.si_code);
	fid_say("%d", sigtimedwait(&set, &info, &soon) == SIGRTMIN + 2);
	fid_say("value %d", info.si_value.sival_int);
	fid_say("%d", sigtimedwait(&set, &info, &soon) == SIGRTMIN + 2);
	fid_say("value %d", info.si_value.sival_int);
	fid_say("%s", sigtimedwait(&set, &info, &soon) < 0 ? fid_errname(errno) : "more");
	fid_say("runs %d", hits);
}

static void wait_signalfd(const void *arg)
{
	sigset_t set = wait_set();
	struct signalfd_siginfo info[4];
	int fd = signalfd(-1, &set, 0);
	long n;

	queue_three();
	n = read(fd, info, sizeof(info));
	fid_say("%ld", n / (long)sizeof(info[0]));
	for (int i = 0; i < n / (long)sizeof(info[0]); i++)
		fid_say("%d value %d", info[i].ssi_signo == SIGUSR1 ? 1 : 2, info[i].ssi_int);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	fid_say("%s", read(fd, info, sizeof(info)) < 0 ? fid_errname(errno) : "more");
	fid_say("%s", read(fd, info, 5) < 0 ? fid_errname(errno) : "short");
}

static void wait_sigsuspend(const void *arg)
{
	sigset_t set = wait_set(), none;

	sigemptyset(&none);
	install(SIGUSR1, on_one, SA_RESTART, 0);
	kill(getpid(), SIGUSR1);
	fid_say("%s", sigsuspend(&none) < 0 ? fid_errname(errno) : "0");
	fid_say("runs %d", hits);
	sigprocmask(SIG_BLOCK, NULL, &set);
	say_mask("blocked", &set);
}

static void wait_ppoll(const void *arg)
{
	struct timespec soon = { 0, 20000000 };
	struct pollfd p = { .events = POLLIN };
	sigset_t set = wait_set(), none;
	fd_set fds;
	int fd[2];

	if (pipe(fd))
		return;
	p.fd = fd[0];
	sigemptyset(&none);
	install(SIGUSR1, on_one, SA_RESTART, 0);
	kill(getpid(), SIGUSR1);
	fid_say("%s", fid_result(ppoll(&p, 1, NULL, &none) < 0 ? -errno : 0));
	kill(getpid(), SIGUSR1);
	FD_ZERO(&fds);
	FD_SET(fd[0], &fds);
	fid_say("%s", fid_result(pselect(fd[0] + 1, &fds, NULL, NULL, NULL, &none) < 0 ? -errno : 0));
	kill(getpid(), SIGUSR1);
	fid_say("%d", ppoll(&p, 1, &soon, &set));
	fid_say("runs %d", hits);
	sigprocmask(SIG_BLOCK, NULL, &set);
	say_mask("blocked", &set);
}

/* Makes a child that interrupts this thread with SIGALRM as soon as it sleeps. */
static pid_t interrupt_when_asleep(void)
{
	pid_t self = getpid(), pid = fid_fork();

	if (pid == 0) {
		fid_asleep(self, self, NULL);
		fid_sys2(SYS_kill, self, SIGALRM);
		_exit(0);
	}
	return pid;
}

static void wait_pause(const void *arg)
{
	struct timespec left, minute = { 60, 0 };
	pid_t pid;

	install(SIGALRM, on_one, SA_RESTART, 0);
	pid = interrupt_when_asleep();
	fid_say("pause %s", pause() < 0 ? fid_errname(errno) : "0");
	fid_reap(pid);
	pid = interrupt_when_asleep();
	fid_say("nanosleep %s", nanosleep(&minute, &left) < 0 ? fid_errname(errno) : "0");
	fid_say("left %s", left.tv_sec > 0 && left.tv_sec < 60 ? "a part" : "WRONG");
	fid_reap(pid);
	pid = interrupt_when_asleep();
	fid_say("sleep %s", sleep(60) > 0 ? "a part" : "WRONG");
	fid_reap(pid);
	pid = interrupt_when_asleep();
	fid_say("usleep %s", usleep(60000000) < 0 ? fid_errname(errno) : "0");
	fid_reap(pid);
	fid_say("runs %d", hits);
}

/* Receives that a signal ends after part of the data */

static void wait_all(const void *arg)
{
	const int *flags = arg;
	struct iovec v[2];
	char in[16] = "";
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
	pid_t pid, self = getpid();
	int p[2];
	long n;

	v[0] = (struct iovec){ in, 4 };
	v[1] = (struct iovec){ in + 4, 6 };
	install(SIGUSR1, on_one, *flags, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p) || write(p[1], "abc", 3) != 3)
		return;
	pid = fid_fork();
	if (pid == 0) {
		for (int i = 0; i < 2; i++) {
			fid_asleep(self, self, NULL);
			fid_sys2(SYS_kill, self, SIGUSR1);
			fid_asleep(self, self, NULL);
			fid_sys3(SYS_write, p[1], "defghijklm", 10 - 3 * i);
		}
		_exit(0);
	}
	n = recv(p[0], in, 10, MSG_WAITALL);
	fid_say("%s %.10s", fid_result(n < 0 ? -errno : n), in);
	if (n < 10) {
		memset(in, 0, sizeof(in));
		n = recvmsg(p[0], &m, MSG_WAITALL);
		fid_say("%s %.10s", fid_result(n < 0 ? -errno : n), in);
	}
	fid_reap(pid);
	fid_say("runs %d", hits);
}

/* SIGCHLD */

static void child_ends(const void *arg)
{
	const int *flags = arg;
	char c = 0;
	int p[2];
	long n, interrupted = 0;

	install(SIGCHLD, on_one, *flags, 0);
	if (pipe(p))
		return;
	for (int i = 0; i < 5; i++) {
		pid_t pid = fid_fork(), self = getpid(), writer;

		if (pid == 0) {
			pid_t parent = getppid();

			fid_asleep(parent, parent, NULL);
			fid_sys1(SYS_exit_group, 0);
		}
		writer = fid_fork();
		if (writer == 0) {
			fid_until(fid_shm, i + 1);
			fid_asleep(self, self, NULL);
			fid_sys3(SYS_write, p[1], "x", 1);
			/*
			 * The child exits only when the parent has its byte, which makes one more
			 * signal.
			 */
			fid_until((atomic_int *)fid_shm + 1, i + 1);
			fid_sys1(SYS_exit_group, 0);
		}
		while ((n = read(p[0], &c, 1)) < 0 && errno == EINTR) {
			interrupted++;
			fid_reap(pid);
			pid = 0;
			atomic_store((atomic_int *)fid_shm, i + 1);
		}
		(void)writer;
		fid_say("%ld", n);
		atomic_store((atomic_int *)fid_shm + 1, i + 1);
		if (pid)
			fid_reap(pid);
		fid_reap(writer);
	}
	fid_say("interrupted %ld", interrupted);
}

/* In the restarting case nobody reports the first exit, so the handler does. */
static void on_child(int sig)
{
	hits++;
	atomic_fetch_add((atomic_int *)fid_shm, 1);
}

static void child_ends_restart(const void *arg)
{
	char c = 0;
	int p[2];

	install(SIGCHLD, on_child, SA_RESTART, 0);
	if (pipe(p))
		return;
	for (int i = 0; i < 5; i++) {
		int before = atomic_load((atomic_int *)fid_shm);
		pid_t self = getpid(), pid, writer = fid_fork();

		if (writer == 0) {
			fid_until(fid_shm, before + 1);
			fid_asleep(self, self, NULL);
			fid_sys3(SYS_write, p[1], "x", 1);
			fid_until((atomic_int *)fid_shm + 1, i + 1);
			fid_sys1(SYS_exit_group, 0);
		}
		pid = fid_fork();
		if (pid == 0) {
			fid_asleep(self, self, NULL);
			fid_sys1(SYS_exit_group, 0);
		}
		fid_say("%s", fid_result(read(p[0], &c, 1) < 0 ? -errno : 1));
		atomic_store((atomic_int *)fid_shm + 1, i + 1);
		fid_reap(pid);
		fid_reap(writer);
	}
	fid_say("runs %d", hits);
}

/* Timers over calls that are never interrupted */

static void tick_every(long us)
{
	struct itimerval timer = { { 0, us }, { 0, us } };

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void timer_files(const void *arg)
{
	const int *flags = arg;
	static unsigned char block[65536], in[65536];
	long until = fid_now_ms() + 60000, wrong = 0, rounds = 0;
	int fd = open("timed", O_RDWR | O_CREAT, 0600), dir = open(".", O_RDONLY | O_DIRECTORY);
	struct stat st;

	fid_fill(block, sizeof(block), 0);
	install(SIGALRM, on_one, *flags, 0);
	tick_every(200);
	while ((rounds < 20 || hits < 500) && fid_now_ms() < until) {
		struct iovec v[2] = { { in, 30000 }, { in + 30000, 35536 } };

		wrong += pwrite(fd, block, sizeof(block), 0) != sizeof(block);
		wrong += fdatasync(fd) != 0;
		wrong += pread(fd, in, sizeof(in), 0) != sizeof(in);
		wrong += memcmp(in, block, sizeof(in)) != 0;
		wrong += lseek(fd, 0, SEEK_SET) != 0;
		wrong += write(fd, block, 5000) != 5000;
		wrong += read(fd, in, 60536) != 60536;
		wrong += preadv(fd, v, 2, 0) != 65536;
		wrong += fsync(fd) != 0;
		wrong += fstat(fd, &st) != 0;
		wrong += ftruncate(fd, 65536) != 0;
		wrong += fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 65536) != 0 && errno != EOPNOTSUPP;
		wrong += openat(dir, "nothing", O_RDONLY) != -1 || errno != ENOENT;
		wrong += mkdir("d", 0700) != 0 || rmdir("d") != 0;
		wrong += fsync(dir) != 0;
		rounds++;
	}
	tick_every(0);
	fid_say("rounds %s, ticks %s, wrong %ld", rounds >= 20 ? "many" : "few",
		hits >= 500 ? "many" : "few", wrong);
}

static void *timer_peer(void *arg)
{
	const int *p = arg;
	static unsigned char block[3000];
	uint64_t place = 0;

	while (place < (1 << 21)) {
		long n;

		fid_fill(block, sizeof(block), place);
		n = write(p[1], block, sizeof(block));
		if (n > 0)
			place += n;
		else if (errno != EINTR)
			break;
	}
	close(p[1]);
	return NULL;
}

static void timer_stream(const void *arg)
{
	const int *flags = arg;
	static unsigned char in[4096];
	pthread_t thread;
	uint64_t place = 0;
	long interrupted = 0, wrong = 0, n;
	int p[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p))
		return;
	install(SIGALRM, on_one, *flags, 0);
	tick_every(150);
	pthread_create(&thread, NULL, timer_peer, p);
	while ((n = read(p[0], in, sizeof(in))) != 0) {
		if (n < 0) {
			interrupted += errno == EINTR;
			wrong += errno != EINTR;
			continue;
		}
		wrong += !fid_matches(in, n, place);
		place += n;
	}
	pthread_join(thread, NULL);
	tick_every(0);
	fid_say("bytes %lu, wrong %ld", (unsigned long)place, wrong);
	if (*flags & SA_RESTART)
		fid_say("interrupted %ld", interrupted);
}

/* pthread_kill reaches its thread */

static atomic_int where[4];
static _Thread_local int number;

struct reader {
	pthread_t thread;
	int number, fd;
	_Atomic pid_t tid;
};

static void on_where(int sig)
{
	atomic_fetch_add(&where[number], 1);
}

static void *reading(void *arg)
{
	struct reader *reader = arg;
	char c = 0;
	long eintr = 0;

	number = reader->number;
	reader->tid = fid_sys0(SYS_gettid);
	while (read(reader->fd, &c, 1) < 0 && errno == EINTR)
		eintr++;
	return (void *)eintr;
}

static void to_thread(const void *arg)
{
	static struct reader readers[4];
	int p[2];
	void *eintr;
	long total = 0;

	install(SIGUSR1, on_where, 0, 0);
	if (pipe(p))
		return;
	for (int i = 0; i < 4; i++) {
		readers[i].number = i;
		readers[i].fd = p[0];
		pthread_create(&readers[i].thread, NULL, reading, &readers[i]);
	}
	for (int i = 0; i < 4; i++) {
		while (!readers[i].tid)
			fid_sleep_us(200);
		fid_asleep(getpid(), readers[i].tid, NULL);
		pthread_kill(readers[i].thread, SIGUSR1);
		while (!where[i])
			fid_sleep_us(200);
	}
	fid_say("runs %d %d %d %d", where[0], where[1], where[2], where[3]);
	if (write(p[1], "abcd", 4) != 4)
		return;
	for (int i = 0; i < 4; i++) {
		pthread_join(readers[i].thread, &eintr);
		total += (long)eintr;
	}
	fid_say("interrupted %ld", total);
}

static const int none = 0, restart = SA_RESTART;
static const int masked = 1;

static const struct fid_case cases[] = {
	{ "report/sigaction", report_sigaction, NULL, 0, 0 },
	{ "report/siginfo", report_siginfo, NULL, 0, 0 },
	{ "report/same-struct", report_same_struct, NULL, 0, 0 },
	{ "report/bad", report_bad, NULL, 0, 0 },
	{ "report/signal", report_signal, NULL, 0, 0 },
	{ "report/sysv_signal", report_sysv_signal, NULL, 0, 0 },
	{ "report/sigset", report_sigset, NULL, 0, 0 },
	{ "report/sighold-sigignore", report_sighold, NULL, 0, 0 },
	{ "report/siginterrupt", report_siginterrupt, NULL, 0, 0 },
	{ "report/raw", report_raw, NULL, 0, 0 },
	{ "report/after-fork", report_after_fork, NULL, 0, 0 },
	{ "report/after-exec", report_after_exec, NULL, FID_RING, 0 },
	{ "report/all-signals", all_signals, NULL, 0, 0 },
	{ "report/libc-handlers", libc_handlers, NULL, 0, 0 },
	{ "run/nodefer", run_nodefer, NULL, 0, 0 },
	{ "run/defer", run_defer, NULL, 0, 0 },
	{ "run/resethand", run_resethand, NULL, 0, 0 },
	{ "run/resethand-inside", run_resethand_inside, NULL, 0, 0 },
	{ "run/masks", run_masks, NULL, 0, 0 },
	{ "run/order", run_order, NULL, 0, 0 },
	{ "run/order-masked", run_order, &masked, 0, 0 },
	{ "run/fault", run_fault, NULL, 0, 0 },
	{ "run/overflow", run_overflow, NULL, 0, 0 },
	{ "run/small-stack", run_small_stack, NULL, 0, 0 },
	{ "wait/sigwait", wait_sigwait, NULL, 0, 0 },
	{ "wait/signalfd", wait_signalfd, NULL, 0, 0 },
	{ "wait/sigsuspend", wait_sigsuspend, NULL, 0, 0 },
	{ "wait/ppoll", wait_ppoll, NULL, 0, 0 },
	{ "wait/pause", wait_pause, NULL, 0, 0 },
	{ "waitall/eintr", wait_all, &none, FID_RING, 0 },
	{ "waitall/restart", wait_all, &restart, FID_RING, 0 },
	{ "child/eintr", child_ends, &none, FID_RING, 0 },
	{ "child/restart", child_ends_restart, NULL, FID_RING, 0 },
	{ "timer/files-eintr", timer_files, &none, FID_RING, 0 },
	{ "timer/files-restart", timer_files, &restart, FID_RING, 0 },
	{ "timer/stream-eintr", timer_stream, &none, FID_RING, 0 },
	{ "timer/stream-restart", timer_stream, &restart, FID_RING, 0 },
	{ "to-thread", to_thread, NULL, FID_RING, 0 },
};

int main(int argc, char **argv)
{
	return fid_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}

/* SPDX-License-Identifier: MIT */
/*
 * Tests interrupted calls: signals, job control and tracers disturb each kind of waiting call in
 * each way they can; then the other side lets the call finish.
 */
#include "waiting-calls.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG_JUMPS 10
#define QUEUED 40

struct shared {
	struct traffic traffic;
	atomic_int tid;		/* set when the thread is about to call */
	atomic_int over;	/* the call has finally returned */
	atomic_int hits;	/* number of handler calls */
	atomic_int jumps;
	atomic_int next_value;
	atomic_int order[8];
};

struct way {
	const char *name;
	void (*install)(void);
	void (*disturb)(pid_t pid, pid_t tid);	/* runs in the helper process */
	void (*conclude)(void);
	unsigned flags;
};

enum { WAY_THREAD = 1, WAY_JUMP = 2, WAY_TRACER = 4, WAY_PART = 8 };

struct combination {
	const struct kind *kind;
	const struct way *way;
};

static struct shared *sh;
static sigjmp_buf home;

static void count_hit(int sig)
{
	int n = atomic_load(&sh->hits);

	if (n < 8)
		sh->order[n] = sig;
	atomic_fetch_add(&sh->hits, 1);
}

static void on_signal(int sig)
{
	count_hit(sig);
	errno = 77;	/* a handler's errno must not reach the call */
}

static void on_value(int sig, siginfo_t *info, void *context)
{
	if (info->si_code != SI_QUEUE || info->si_value.sival_int != sh->next_value)
		sh->next_value = 100000;
	atomic_fetch_add(&sh->next_value, 1);
	count_hit(sig);
}

static void on_jump(int sig)
{
	atomic_fetch_add(&sh->jumps, 1);
	siglongjmp(home, 1);
}

static void handle(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	if (sigaction(sig, &sa, NULL))
		fid_die("sigaction");
}

static void i_eintr(void) { handle(SIGUSR1, on_signal, 0); }
static void i_restart(void) { handle(SIGUSR1, on_signal, SA_RESTART); }
static void i_signal(void) { signal(SIGUSR1, on_signal); }
static void i_ignore(void) { handle(SIGUSR1, SIG_IGN, 0); }
static void i_nothing(void) { }
static void i_jump(void) { handle(SIGUSR1, on_jump, SA_RESTART); }
static void i_traced(void) { prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); }

static void i_mixed(void)
{
	handle(SIGUSR1, on_signal, SA_RESTART);
	handle(SIGUSR2, on_signal, 0);
}

static void i_mixed_reversed(void)
{
	handle(SIGUSR1, on_signal, 0);
	handle(SIGUSR2, on_signal, SA_RESTART);
}

static void i_blocked(void)
{
	sigset_t set;

	handle(SIGUSR1, on_signal, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void i_values(void)
{
	struct sigaction sa = { .sa_sigaction = on_value, .sa_flags = SA_SIGINFO | SA_RESTART };

	sigaction(SIGRTMIN + 1, &sa, NULL);
}

static void i_tstp(void)
{
	/* Job control as a program without handlers sees it. */
	handle(SIGTSTP, SIG_DFL, 0);
	handle(SIGCONT, SIG_DFL, 0);
}

static void i_cont(void) { handle(SIGCONT, on_signal, 0); }
static void i_cont_restart(void) { handle(SIGCONT, on_signal, SA_RESTART); }

static void poke(pid_t pid, pid_t tid, int sig)
{
	fid_sys3(SYS_tgkill, pid, tid, sig);
}

static void poke_and_see(pid_t pid, pid_t tid, int sig, int hits)
{
	poke(pid, tid, sig);
	fid_until(&sh->hits, hits);
	fid_asleep(pid, tid, &sh->over);
}

static void d_twice(pid_t pid, pid_t tid)
{
	poke_and_see(pid, tid, SIGUSR1, 1);
	poke_and_see(pid, tid, SIGUSR1, 2);
}

static void d_mixed(pid_t pid, pid_t tid)
{
	poke_and_see(pid, tid, SIGUSR1, 1);
	poke_and_see(pid, tid, SIGUSR2, 2);
	poke_and_see(pid, tid, SIGUSR1, 3);
}

/* Both signals are pending when the thread continues. Tests which one decides. */
static void d_together(pid_t pid, pid_t tid)
{
	fid_sys2(SYS_kill, pid, SIGSTOP);
	fid_state(pid, tid, 'T');
	poke(pid, tid, SIGUSR1);
	poke(pid, tid, SIGUSR2);
	fid_sys2(SYS_kill, pid, SIGCONT);
	fid_until(&sh->hits, 2);
	fid_asleep(pid, tid, &sh->over);
}

static void d_unseen(pid_t pid, pid_t tid)
{
	poke(pid, tid, SIGUSR1);
	fid_asleep(pid, tid, &sh->over);
	poke(pid, tid, SIGUSR1);
	fid_asleep(pid, tid, &sh->over);
}

static void d_default(pid_t pid, pid_t tid)
{
	static const int sigs[] = { SIGWINCH, SIGCHLD, SIGURG, SIGCONT };

	for (int i = 0; i < 4; i++) {
		poke(pid, tid, sigs[i]);
		fid_asleep(pid, tid, &sh->over);
	}
}

static void stop_with(pid_t pid, pid_t tid, int sig)
{
	fid_sys2(SYS_kill, pid, sig);
	fid_state(pid, tid, 'T');
	fid_sys2(SYS_kill, pid, SIGCONT);
}

static void d_stop(pid_t pid, pid_t tid)
{
	stop_with(pid, tid, SIGSTOP);
	fid_asleep(pid, tid, &sh->over);
	stop_with(pid, tid, SIGSTOP);
	fid_asleep(pid, tid, &sh->over);
}

static void d_cont(pid_t pid, pid_t tid)
{
	stop_with(pid, tid, SIGSTOP);
	fid_until(&sh->hits, 1);
	fid_asleep(pid, tid, &sh->over);
}

static void refused(long result, const char *what)
{
	if (result < 0)
		fid_say("%s: %s", what, fid_errname(-result));
}

static void d_trace(pid_t pid, pid_t tid)
{
	refused(fid_sys4(SYS_ptrace, PTRACE_SEIZE, tid, 0, 0), "PTRACE_SEIZE");
	refused(fid_sys4(SYS_ptrace, PTRACE_INTERRUPT, tid, 0, 0), "PTRACE_INTERRUPT");
	fid_sys4(SYS_wait4, tid, NULL, __WALL, 0);
	fid_sys4(SYS_ptrace, PTRACE_CONT, tid, 0, 0);
	fid_asleep(pid, tid, &sh->over);
	fid_sys4(SYS_ptrace, PTRACE_INTERRUPT, tid, 0, 0);
	fid_sys4(SYS_wait4, tid, NULL, __WALL, 0);
	refused(fid_sys4(SYS_ptrace, PTRACE_DETACH, tid, 0, 0), "PTRACE_DETACH");
	fid_asleep(pid, tid, &sh->over);
	refused(fid_sys4(SYS_ptrace, PTRACE_ATTACH, tid, 0, 0), "PTRACE_ATTACH");
	fid_sys4(SYS_wait4, tid, NULL, __WALL, 0);
	refused(fid_sys4(SYS_ptrace, PTRACE_DETACH, tid, 0, 0), "PTRACE_DETACH");
	fid_asleep(pid, tid, &sh->over);
}

static void d_jump(pid_t pid, pid_t tid)
{
	for (int i = 1; i <= LONG_JUMPS; i++) {
		poke(pid, tid, SIGUSR1);
		fid_until(&sh->jumps, i);
		fid_asleep(pid, tid, &sh->over);
	}
}

static void d_values(pid_t pid, pid_t tid)
{
	fid_sys2(SYS_kill, pid, SIGSTOP);
	fid_state(pid, tid, 'T');
	for (int i = 0; i < QUEUED; i++) {
		siginfo_t info;

		memset(&info, 0, sizeof(info));
		info.si_signo = SIGRTMIN + 1;
		info.si_code = SI_QUEUE;
		info.si_pid = getpid();
		info.si_value.sival_int = i;
		while (fid_sys4(SYS_rt_tgsigqueueinfo, pid, tid, SIGRTMIN + 1, &info) == -EAGAIN)
			fid_sleep_us(500);
	}
	fid_sys2(SYS_kill, pid, SIGCONT);
	fid_until(&sh->hits, QUEUED);
	fid_asleep(pid, tid, &sh->over);
}

/* Signals the process as a whole; the main thread blocks the signal or not. */
static void d_process(pid_t pid, pid_t tid)
{
	for (int i = 1; i <= 2; i++) {
		fid_sys2(SYS_kill, pid, SIGUSR1);
		fid_until(&sh->hits, i);
		fid_asleep(pid, tid, &sh->over);
	}
}

static void e_hits(void)
{
	fid_say("handlers %d", sh->hits);
}

static void e_order(void)
{
	fid_say("handlers in order %s %s", sigabbrev_np(sh->order[0]), sigabbrev_np(sh->order[1]));
}

static void e_jumps(void)
{
	fid_say("jumps %d", sh->jumps);
}

static void e_values(void)
{
	fid_say("%d handlers, values %s", sh->hits,
		sh->next_value == QUEUED ? "in order" : "out of order");
}

static void e_pending(void)
{
	sigset_t set;

	sigpending(&set);
	fid_say("pending %d", sigismember(&set, SIGUSR1));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	fid_say("handlers %d", sh->hits);
}

static void e_nothing(void)
{
}

static const struct way ways[] = {
	{ "eintr", i_eintr, d_twice, e_hits, 0 },
	{ "restart", i_restart, d_twice, e_hits, 0 },
	{ "signal", i_signal, d_twice, e_hits, 0 },
	{ "mixed", i_mixed, d_mixed, e_hits, 0 },
	{ "together", i_mixed, d_together, e_order, 0 },
	{ "together-reversed", i_mixed_reversed, d_together, e_order, 0 },
	{ "ignored", i_ignore, d_unseen, e_hits, 0 },
	{ "default", i_nothing, d_default, e_nothing, 0 },
	{ "blocked", i_blocked, d_unseen, e_pending, 0 },
	{ "values", i_values, d_values, e_values, 0 },
	{ "stop", i_tstp, d_stop, e_nothing, 0 },
	{ "cont", i_cont, d_cont, e_hits, 0 },
	{ "cont-restart", i_cont_restart, d_cont, e_hits, 0 },
	{ "tracer", i_traced, d_trace, e_nothing, WAY_TRACER },
	{ "longjmp", i_jump, d_jump, e_jumps, WAY_JUMP },
	{ "thread-eintr", i_eintr, d_twice, e_hits, WAY_THREAD },
	{ "thread-restart", i_restart, d_twice, e_hits, WAY_THREAD },
	{ "thread-longjmp", i_jump, d_jump, e_jumps, WAY_THREAD | WAY_JUMP },
	{ "thread-process", i_eintr, d_process, e_hits, WAY_THREAD },
	{ "part-eintr", i_eintr, NULL, e_hits, WAY_PART },
	{ "part-restart", i_restart, NULL, e_hits, WAY_PART },
	{ "part-stop", i_tstp, NULL, e_nothing, WAY_PART },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void helper(struct io *io, const struct way *way)
{
	pid_t pid = getppid();

	fid_until(&sh->tid, 1);
	fid_asleep(pid, sh->tid, &sh->over);
	if (way->flags & WAY_PART) {
		kind_drain(io, io->place + 100000);
		fid_asleep(pid, sh->tid, &sh->over);
		if (way->install == i_tstp)
			stop_with(pid, sh->tid, SIGSTOP);
		else
			poke_and_see(pid, sh->tid, SIGUSR1, 1);
		fid_asleep(pid, sh->tid, &sh->over);
	} else {
		way->disturb(pid, sh->tid);
	}
	io->kind->release(io);
	fid_sys1(SYS_exit_group, 0);
}

/* Repeats the call until it is neither interrupted nor partly complete. */
static void call_on(struct io *io, const struct way *way)
{
	volatile size_t left = io->len;
	long result;

	if (way->flags & WAY_JUMP)
		sigsetjmp(home, 1);
	sh->tid = fid_gettid();
	for (;;) {
		io->len = left;
		result = io->kind->call(io);
		if (result == -EINTR)
			fid_say("EINTR");
		else if ((io->kind->flags & KIND_SEND) && result > 0 && (size_t)result < left)
			fid_say("part");
		else
			break;
		if (result > 0)
			left -= result;
	}
	kind_say(io, result);
	sh->over = 1;
}

struct call_args {
	struct io *io;
	const struct way *way;
};

static void *call_in_thread(void *arg)
{
	struct call_args *args = arg;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	call_on(args->io, args->way);
	return NULL;
}

static void run_thread(struct io *io, const struct way *way)
{
	struct call_args args = { io, way };
	pthread_t thread;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (pthread_create(&thread, NULL, call_in_thread, &args))
		fid_die("pthread_create");
	pthread_join(thread, NULL);
}

static void run(const void *arg)
{
	const struct combination *c = arg;
	static struct io io;
	pid_t pid;

	sh = fid_shm;
	kind_setup(c->kind, &io, &sh->traffic);
	if (c->way->flags & WAY_PART)
		io.len = BUFFER;
	c->way->install();
	pid = fid_fork();
	if (pid == 0) {
		if (c->kind->flags & KIND_SEND)
			fid_sys1(SYS_close, io.fd);
		helper(&io, c->way);
	}
	if (c->way->flags & WAY_THREAD)
		run_thread(&io, c->way);
	else
		call_on(&io, c->way);
	kind_finish(&io);
	fid_reap(pid);
	if (c->kind->flags & KIND_SEND)
		fid_say("%s", !sh->traffic.wrong && sh->traffic.bytes == io.place ?
			"every byte" : "bytes lost");
	c->way->conclude();
}

/* Returns true if this kind is tested this way. Slow kinds are tested in the main ways only. */
static bool meets(const struct kind *kind, const struct way *way)
{
	if (way->flags & WAY_PART && !(kind->flags & KIND_STREAM))
		return false;
	if (way->flags & WAY_JUMP && kind->flags & KIND_STDIO)
		return false;
	if (kind->flags & KIND_SLOW)
		return !strcmp(way->name, "eintr") || !strcmp(way->name, "restart") ||
			!strcmp(way->name, "stop") || !strcmp(way->name, "longjmp");
	return true;
}

int main(int argc, char **argv)
{
	size_t room = kind_count * WAYS, count = 0;
	struct combination *all = calloc(room, sizeof(*all));
	struct fid_case *cases = calloc(room, sizeof(*cases));
	char *names = calloc(room, 48);

	for (size_t k = 0; k < kind_count; k++) {
		for (size_t w = 0; w < WAYS; w++) {
			if (!meets(&kinds[k], &ways[w]))
				continue;
			all[count] = (struct combination){ &kinds[k], &ways[w] };
			snprintf(names + count * 48, 48, "%s/%s", kinds[k].name, ways[w].name);
			cases[count].name = names + count * 48;
			cases[count].run = run;
			cases[count].arg = &all[count];
			if (kinds[k].flags & KIND_RING)
				cases[count].flags |= FID_RING;
			if (ways[w].flags & WAY_TRACER)
				cases[count].flags |= FID_TRACER;
			count++;
		}
	}
	return fid_main(argc, argv, cases, count);
}

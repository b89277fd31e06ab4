/* SPDX-License-Identifier: MIT */
/*
 * Tests signal handlers that run over a waiting call: each thing a handler can do, over several
 * kinds of call, with and without SA_RESTART.
 */
#include "waiting-calls.h"
#include "work-steps.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

struct shared {
	struct traffic traffic;
	atomic_int tid;
	atomic_int over;
	atomic_int begun;	/* calls of the first handler */
	atomic_int hits;	/* handlers that returned or are about to jump out */
	atomic_int inner;	/* calls of the second handler */
	int feed[2];
};

enum {
	ONCE = 1,	/* the case gets one signal, others get two */
	HOLD = 2,	/* the other side waits until the call is over */
	EINTR_ONLY = 4,
	DATA_ONLY = 8,	/* kinds that receive into buf */
	SOCKET_ONLY = 16,
	ONSTACK = 32,
	FD_ONLY = 64,
};

struct deed {
	const char *name;
	void (*act)(siginfo_t *info, ucontext_t *context);
	void (*help)(pid_t pid, pid_t tid);	/* run by the helper while act is under way */
	void (*second)(int sig);		/* SIGUSR2's handler */
	unsigned flags;
};

struct combination {
	const char *kind;
	const struct deed *deed;
	int flags;	/* SA_RESTART or 0 */
};

static struct shared *sh;
static struct io io;
static const struct combination *now;
static sigjmp_buf home;
static jmp_buf plain_home;
static ucontext_t context_home;
static volatile bool jumping;	/* the jump targets are set */
static volatile bool in_child;
static char *alternate;

#define ALTERNATE (256 * 1024)

/* A handler that jumps out is counted before it does, because it does not return. */
static bool leaving(void)
{
	if (jumping)
		atomic_fetch_add(&sh->hits, 1);
	return jumping;
}

static void a_pipe(siginfo_t *info, ucontext_t *context)
{
	say_ok("pipe", pipe_works());
}

static void a_file(siginfo_t *info, ucontext_t *context)
{
	say_ok("file", file_works());
}

static void a_socket(siginfo_t *info, ucontext_t *context)
{
	char in[8] = "";
	int p[2];

	say_ok("socket", !socketpair(AF_UNIX, SOCK_STREAM, 0, p) && send(p[0], "abc", 4, 0) == 4 &&
		recv(p[1], in, 8, 0) == 4 && !strcmp(in, "abc") && !shutdown(p[0], SHUT_WR) &&
		read(p[1], in, 8) == 0);
	close(p[0]);
	close(p[1]);
}

static void a_fork(siginfo_t *info, ucontext_t *context)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(pipe_works() && file_works() ? 3 : 4);
	say_ok("fork", waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
}

static void a_fork_return(siginfo_t *info, ucontext_t *context)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		in_child = true;
		return;
	}
	say_ok("fork", waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
}

/* The child returns after a call that goes direct on every route. */
static void a_fork_direct_return(siginfo_t *info, ucontext_t *context)
{
	a_fork_return(info, context);
	if (in_child)
		say_ok("nothing", !write(2, "", 0));
}

/* The child returns after a call by ring. */
static void a_fork_ring_return(siginfo_t *info, ucontext_t *context)
{
	int fd = open("/dev/zero", O_RDONLY);
	char c = 1;

	a_fork_return(info, context);
	if (in_child)
		say_ok("zero", read(fd, &c, 1) == 1 && !c);
	close(fd);
}

static void a_vfork(siginfo_t *info, ucontext_t *context)
{
	static int p[2];
	char c = 0;
	int status = 0;
	pid_t pid;

	if (pipe(p))
		return;
	pid = vfork();
	if (pid == 0) {
		if (write(p[1], "v", 1) != 1)
			_exit(4);
		_exit(3);
	}
	say_ok("vfork", waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3 &&
		read(p[0], &c, 1) == 1 && c == 'v');
	close(p[0]);
	close(p[1]);
}

static void a_spawn(siginfo_t *info, ucontext_t *context)
{
	char *argv[] = { (char *)"true", NULL };
	int status = 1;
	pid_t pid;

	say_ok("spawn", !posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) &&
		waitpid(pid, &status, 0) == pid && status == 0);
}

static void *thread_body(void *arg)
{
	return pipe_works() ? arg : NULL;
}

static void a_thread(siginfo_t *info, ucontext_t *context)
{
	pthread_t thread;
	void *result = NULL;

	say_ok("thread", !pthread_create(&thread, NULL, thread_body, &io) &&
		!pthread_join(thread, &result) && result == &io);
}

static void second_io(int sig)
{
	atomic_fetch_add(&sh->inner, 1);
	say_ok("inner pipe", pipe_works());
}

static void second_count(int sig)
{
	atomic_fetch_add(&sh->inner, 1);
}

static void a_raise(siginfo_t *info, ucontext_t *context)
{
	raise(SIGUSR2);
	fid_say("raised %d", sh->inner);
}

static void a_raise_self(siginfo_t *info, ucontext_t *context)
{
	/* Blocked while its own handler runs, so it is delivered once, afterwards. */
	if (sh->begun == 1)
		raise(SIGUSR1);
	fid_say("run %d", sh->begun);
}

static void a_queue(siginfo_t *info, ucontext_t *context)
{
	union sigval value = { .sival_int = 42 };

	sigqueue(getpid(), SIGUSR2, value);
	fid_say("inner %d", sh->inner);
}

static void a_block(siginfo_t *info, ucontext_t *context)
{
	char c = 0;

	say_ok("read", read(sh->feed[0], &c, 1) == 1 && c == 'f');
}

static void feed(pid_t pid, pid_t tid)
{
	fid_asleep(pid, tid, &sh->over);
	fid_sys3(SYS_write, sh->feed[1], "f", 1);
}

static void a_block_eintr(siginfo_t *info, ucontext_t *context)
{
	char c = 0;
	long n = read(sh->feed[0], &c, 1);

	fid_say("%s", n < 0 ? fid_errname(errno) : "no EINTR");
	say_ok("read", read(sh->feed[0], &c, 1) == 1 && c == 'f');
}

static void feed_eintr(pid_t pid, pid_t tid)
{
	fid_asleep(pid, tid, &sh->over);
	fid_sys3(SYS_tgkill, pid, tid, SIGUSR2);
	fid_asleep(pid, tid, &sh->over);
	fid_sys3(SYS_write, sh->feed[1], "f", 1);
}

static void say_mask(const char *what)
{
	char text[200] = "";
	sigset_t set;

	pthread_sigmask(SIG_BLOCK, NULL, &set);
	for (int sig = 1; sig < 65; sig++) {
		if (sigismember(&set, sig) == 1)
			sprintf(text + strlen(text), " %d", sig);
	}
	fid_say("%s:%s", what, text);
}

static void a_mask(siginfo_t *info, ucontext_t *context)
{
	sigset_t set;

	say_mask("blocked");
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	/* Restored when the handler returns. */
	sigprocmask(SIG_BLOCK, &set, NULL);
	say_mask("then");
	say_ok("pipe", pipe_works());
}

static void on_first(int sig, siginfo_t *info, void *context);

static void a_query(siginfo_t *info, ucontext_t *context)
{
	struct sigaction sa;

	sigaction(SIGUSR1, NULL, &sa);
	fid_say("%s, flags %x", sa.sa_sigaction == on_first ? "own handler" : "OTHER HANDLER",
		sa.sa_flags & ~0x04000000);
}

static void on_other(int sig)
{
	fid_say("other handler");
	atomic_fetch_add(&sh->hits, 1);
}

static void a_reinstall(siginfo_t *info, ucontext_t *context)
{
	struct sigaction sa = { .sa_handler = on_other, .sa_flags = now->flags ^ SA_RESTART };

	sigaction(SIGUSR1, &sa, NULL);
}

static void a_ignore(siginfo_t *info, ucontext_t *context)
{
	signal(SIGUSR1, SIG_IGN);
}

static void poke_again(pid_t pid, pid_t tid)
{
	fid_asleep(pid, tid, &sh->over);
	fid_sys3(SYS_tgkill, pid, tid, SIGUSR1);
}

static void a_close(siginfo_t *info, ucontext_t *context)
{
	close(io.fd);
}

static void a_replace(siginfo_t *info, ucontext_t *context)
{
	int p[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p) || write(p[1], "other", 5) != 5)
		return;
	dup2(p[0], io.fd);
	close(p[0]);
}

static void a_nonblock(siginfo_t *info, ucontext_t *context)
{
	fcntl(io.fd, F_SETFL, fcntl(io.fd, F_GETFL) | O_NONBLOCK);
}

static void a_timeout(siginfo_t *info, ucontext_t *context)
{
	struct timeval tv = { .tv_usec = 30000 };

	setsockopt(io.fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(io.fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static void a_supply(siginfo_t *info, ucontext_t *context)
{
	say_ok("write", write(io.peer, "hello", 5) == 5);
}

static void at_exit_io(void)
{
	fid_say("at exit: %s", pipe_works() && file_works() ? "ok" : "WRONG");
}

static void a__exit(siginfo_t *info, ucontext_t *context)
{
	_exit(5);
}

static void a_exit(siginfo_t *info, ucontext_t *context)
{
	atexit(at_exit_io);
	exit(6);
}

static void a_quick_exit(siginfo_t *info, ucontext_t *context)
{
	at_quick_exit(at_exit_io);
	quick_exit(7);
}

static void a_exec(siginfo_t *info, ucontext_t *context)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl("/bin/sh", "sh", "-c", "echo x | cat >/dev/null && exit 8", NULL);
}

static void a_abort(siginfo_t *info, ucontext_t *context)
{
	abort();
}

static void a_kill(siginfo_t *info, ucontext_t *context)
{
	raise(SIGKILL);
}

static void a_default_raise(siginfo_t *info, ucontext_t *context)
{
	/* As a handler does that cleans up and then lets the signal kill the program. */
	signal(SIGTERM, SIG_DFL);
	raise(SIGTERM);
}

static void a_longjmp(siginfo_t *info, ucontext_t *context)
{
	if (leaving())
		siglongjmp(home, 1);
}

static void a_longjmp_plain(siginfo_t *info, ucontext_t *context)
{
	if (leaving())
		_longjmp(plain_home, 1);
}

static void a_setcontext(siginfo_t *info, ucontext_t *context)
{
	if (leaving())
		setcontext(&context_home);
}

static void second_longjmp(int sig)
{
	if (leaving())
		siglongjmp(home, 1);
}

static void a_nested_longjmp(siginfo_t *info, ucontext_t *context)
{
	raise(SIGUSR2);
}

static void a_io_longjmp(siginfo_t *info, ucontext_t *context)
{
	say_ok("pipe", pipe_works());
	if (leaving())
		siglongjmp(home, 1);
}

static bool on_alternate(void)
{
	char here;

	return &here >= alternate && &here < alternate + ALTERNATE;
}

static void a_stack(siginfo_t *info, ucontext_t *context)
{
	stack_t stack;

	sigaltstack(NULL, &stack);
	fid_say("%s stack, %s", on_alternate() ? "alternate" : "ordinary",
		stack.ss_flags & SS_ONSTACK ? "in use" : "not in use");
	say_ok("pipe", pipe_works());
}

static void a_stack_longjmp(siginfo_t *info, ucontext_t *context)
{
	fid_say("%s stack", on_alternate() ? "alternate" : "ordinary");
	if (leaving())
		siglongjmp(home, 1);
}

static void a_info(siginfo_t *info, ucontext_t *context)
{
	fid_say("signo %d code %d, from the helper: %s", info->si_signo, info->si_code,
		info->si_pid > 0 && info->si_pid != getpid() ? "yes" : "no");
}

static void a_context(siginfo_t *info, ucontext_t *context)
{
	fid_say("mask at return: USR1 %d USR2 %d", sigismember(&context->uc_sigmask, SIGUSR1),
		sigismember(&context->uc_sigmask, SIGUSR2));
	/* Takes effect when the handler returns. */
	sigaddset(&context->uc_sigmask, SIGHUP);
}

static void a_stop(siginfo_t *info, ucontext_t *context)
{
	raise(SIGSTOP);
	say_ok("pipe", pipe_works());
}

static void go_on(pid_t pid, pid_t tid)
{
	fid_state(pid, tid, 'T');
	fid_sys2(SYS_kill, pid, SIGCONT);
}

static void a_suspend(siginfo_t *info, ucontext_t *context)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	sigdelset(&set, SIGUSR2);
	sigsuspend(&set);
	fid_say("%s, inner %d", fid_errname(errno), sh->inner);
}

static void wake(pid_t pid, pid_t tid)
{
	fid_asleep(pid, tid, &sh->over);
	fid_sys3(SYS_tgkill, pid, tid, SIGUSR2);
}

static const struct deed deeds[] = {
	{ "pipe", a_pipe, NULL, NULL, 0 },
	{ "file", a_file, NULL, NULL, 0 },
	{ "socket", a_socket, NULL, NULL, 0 },
	{ "fork", a_fork, NULL, NULL, 0 },
	{ "fork-return", a_fork_return, NULL, NULL, ONCE | EINTR_ONLY | FD_ONLY },
	{ "fork-direct-return", a_fork_direct_return, NULL, NULL, ONCE | EINTR_ONLY | FD_ONLY },
	{ "fork-ring-return", a_fork_ring_return, NULL, NULL, ONCE | EINTR_ONLY | FD_ONLY },
	{ "vfork", a_vfork, NULL, NULL, 0 },
	{ "spawn", a_spawn, NULL, NULL, 0 },
	{ "thread", a_thread, NULL, NULL, 0 },
	{ "raise", a_raise, NULL, second_io, 0 },
	{ "raise-self", a_raise_self, NULL, NULL, ONCE },
	{ "queue", a_queue, NULL, second_count, 0 },
	{ "block", a_block, feed, NULL, 0 },
	{ "block-eintr", a_block_eintr, feed_eintr, second_count, 0 },
	{ "mask", a_mask, NULL, NULL, 0 },
	{ "query", a_query, NULL, NULL, 0 },
	{ "reinstall", a_reinstall, NULL, NULL, 0 },
	{ "ignore", a_ignore, poke_again, NULL, ONCE },
	{ "close", a_close, NULL, NULL, ONCE | HOLD | FD_ONLY },
	{ "replace", a_replace, NULL, NULL, ONCE | HOLD | DATA_ONLY },
	{ "nonblock", a_nonblock, NULL, NULL, ONCE | HOLD | FD_ONLY },
	{ "timeout", a_timeout, NULL, NULL, ONCE | HOLD | SOCKET_ONLY },
	{ "supply", a_supply, NULL, NULL, ONCE | HOLD | DATA_ONLY },
	{ "_exit", a__exit, NULL, NULL, ONCE },
	{ "exit", a_exit, NULL, NULL, ONCE },
	{ "quick_exit", a_quick_exit, NULL, NULL, ONCE },
	{ "exec", a_exec, NULL, NULL, ONCE },
	{ "abort", a_abort, NULL, NULL, ONCE },
	{ "kill", a_kill, NULL, NULL, ONCE },
	{ "default-raise", a_default_raise, NULL, NULL, ONCE },
	{ "longjmp", a_longjmp, NULL, NULL, 0 },
	{ "longjmp-plain", a_longjmp_plain, NULL, NULL, ONCE },
	{ "setcontext", a_setcontext, NULL, NULL, 0 },
	{ "nested-longjmp", a_nested_longjmp, NULL, second_longjmp, 0 },
	{ "io-longjmp", a_io_longjmp, NULL, NULL, 0 },
	{ "stack", a_stack, NULL, NULL, ONSTACK },
	{ "no-stack", a_stack, NULL, NULL, 0 },
	{ "stack-longjmp", a_stack_longjmp, NULL, NULL, ONSTACK },
	{ "info", a_info, NULL, NULL, 0 },
	{ "context", a_context, NULL, NULL, 0 },
	{ "stop", a_stop, go_on, NULL, 0 },
	{ "suspend", a_suspend, wake, second_count, 0 },
};

#define DEEDS (sizeof(deeds) / sizeof(deeds[0]))

static const char *const over_kinds[] = {
	"read-pipe", "read-tcp", "read-tty", "recv-unix", "accept-tcp", "connect-unix",
	"write-pipe", "send-unix", "recv-unix-timeo", "poll", "sem_wait",
};

#define OVER (sizeof(over_kinds) / sizeof(over_kinds[0]))

static void on_first(int sig, siginfo_t *info, void *context)
{
	atomic_fetch_add(&sh->begun, 1);
	now->deed->act(info, context);
	if (!in_child)
		atomic_fetch_add(&sh->hits, 1);
	errno = 77;
}

static void install(const struct deed *deed, int flags)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO | flags };
	stack_t stack = { .ss_size = ALTERNATE };

	alternate = mmap(NULL, ALTERNATE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack.ss_sp = alternate;
	sigaltstack(&stack, NULL);
	if (deed->flags & ONSTACK)
		sa.sa_flags |= SA_ONSTACK;
	sa.sa_sigaction = on_first;
	sigemptyset(&sa.sa_mask);
	if (deed->act == a_mask) {
		sigaddset(&sa.sa_mask, SIGUSR2);
		sigaddset(&sa.sa_mask, SIGALRM);
	}
	sigaction(SIGUSR1, &sa, NULL);
	sa.sa_flags = 0;
	sa.sa_handler = deed->second;
	if (deed->second)
		sigaction(SIGUSR2, &sa, NULL);
}

static void helper(const struct deed *deed, const struct kind *kind)
{
	pid_t pid = getppid();

	for (int i = 1; i <= (deed->flags & ONCE ? 1 : 2); i++) {
		fid_until(&sh->tid, 1);
		fid_asleep(pid, sh->tid, &sh->over);
		fid_sys3(SYS_tgkill, pid, sh->tid, SIGUSR1);
		if (deed->help) {
			fid_until(&sh->begun, i);
			deed->help(pid, sh->tid);
		}
		fid_until(&sh->hits, i);
	}
	fid_asleep(pid, sh->tid, &sh->over);
	if (deed->flags & HOLD)
		fid_until(&sh->over, 1);
	kind->release(&io);
	fid_sys1(SYS_exit_group, 0);
}

static void child_went_on(long result)
{
	fid_say("child %s", fid_result(result));
	_exit(pipe_works() && file_works() ? 3 : 4);
}

static void call(void)
{
	volatile int jumps = 0;
	long result;

	if (sigsetjmp(home, 1) || _setjmp(plain_home))
		jumps++;
	getcontext(&context_home);
	jumping = true;
	sh->tid = fid_gettid();
	for (;;) {
		result = io.kind->call(&io);
		if (in_child)
			child_went_on(result);
		if (result != -EINTR)
			break;
		fid_say("EINTR");
	}
	jumping = false;
	sh->over = 1;
	kind_say(&io, result);
	if (jumps)
		fid_say("jumps %d", jumps);
}

static void run(const void *arg)
{
	const struct kind *kind;
	pid_t pid;

	now = arg;
	sh = fid_shm;
	if (pipe(sh->feed))
		fid_die("pipe");
	kind = kind_find(now->kind);
	kind_setup(kind, &io, &sh->traffic);
	install(now->deed, now->flags);
	pid = fid_fork();
	if (pid == 0) {
		if (kind->flags & KIND_SEND)
			fid_sys1(SYS_close, io.fd);
		helper(now->deed, kind);
	}
	call();
	kind_finish(&io);
	fid_reap(pid);
	if (kind->flags & KIND_SEND)
		fid_say("%s", !sh->traffic.wrong && sh->traffic.bytes == io.place ?
			"every byte" : "bytes lost");
	say_mask("blocked at the end");
	say_ok("afterwards pipe", pipe_works());
	say_ok("file", file_works());
}

static bool meets(const struct deed *deed, const struct kind *kind, int flags)
{
	bool on_socket = strstr(kind->name, "tcp") || strstr(kind->name, "unix");

	if (deed->flags & EINTR_ONLY && flags)
		return false;
	if (deed->flags & DATA_ONLY && (!(kind->flags & KIND_DATA) || strstr(kind->name, "tty")))
		return false;
	if (deed->flags & SOCKET_ONLY && !on_socket)
		return false;
	if (deed->flags & FD_ONLY && (!strcmp(kind->name, "poll") || !strcmp(kind->name, "sem_wait")))
		return false;
	return true;
}

int main(int argc, char **argv)
{
	size_t room = DEEDS * OVER * 2, count = 0;
	struct combination *all = calloc(room, sizeof(*all));
	struct fid_case *cases = calloc(room, sizeof(*cases));
	char *names = calloc(room, 64);

	for (size_t k = 0; k < OVER; k++) {
		for (size_t d = 0; d < DEEDS * 2; d++) {
			const struct deed *deed = &deeds[d / 2];
			const struct kind *kind = kind_find(over_kinds[k]);
			int flags = d % 2 ? SA_RESTART : 0;

			if (!meets(deed, kind, flags))
				continue;
			all[count] = (struct combination){ kind->name, deed, flags };
			snprintf(names + count * 64, 64, "%s/%s/%s", kind->name, deed->name,
				 flags ? "restart" : "eintr");
			cases[count].name = names + count * 64;
			cases[count].run = run;
			cases[count].arg = &all[count];
			cases[count].flags = kind->flags & KIND_RING ? FID_RING : 0;
			count++;
		}
	}
	return fid_main(argc, argv, cases, count);
}

/* SPDX-License-Identifier: MIT */
/* Tests processes: every way to create one, to execute another program, and to exit. */
#include "work-steps.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK (256 * 1024)

/* fork */

static void fork_single(const void *arg)
{
	int shared[2];
	char in[8] = "";
	pid_t pid;

	say_ok("before", io_works());
	if (pipe(shared))
		return;
	pid = fork();
	if (pid == 0) {
		bool ok = io_works() && write(shared[1], "child", 5) == 5;

		_exit(ok ? 7 : 8);
	}
	say_ok("parent", io_works());
	say_ok("shared", read(shared[0], in, 8) == 5 && !strcmp(in, "child"));
	fid_say("child %s", fid_result(fid_reap(pid)));
	say_ok("after", io_works());
}

static void fork_raw_child(void)
{
	_exit(io_works() ? 7 : 8);
}

/* Forks by a raw clone(2), so that no libc function and no pthread_atfork handler runs. */
static void fork_raw(const void *arg)
{
	long pid;

	say_ok("before", io_works());
	pid = fid_sys5(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		fork_raw_child();
	say_ok("parent", io_works());
	fid_say("child %s", fid_result(fid_reap(pid)));
	say_ok("after", io_works());
}

static void fork_syscall(const void *arg)
{
	const long *nr = arg;
	long pid;

	say_ok("before", io_works());
	pid = *nr == SYS_clone ? syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : syscall(*nr);
	if (pid == 0)
		fork_raw_child();
	say_ok("parent", io_works());
	fid_say("child %s", fid_result(fid_reap(pid)));
	say_ok("after", io_works());
}

#ifdef SYS_fork
static const long nr_fork = SYS_fork;
#endif
static const long nr_clone = SYS_clone;

static void fork_bare(const void *arg)
{
	pid_t pid;

	say_ok("before", io_works());
	pid = _Fork();
	if (pid == 0)
		fork_raw_child();
	say_ok("parent", io_works());
	fid_say("child %s", fid_result(fid_reap(pid)));
}

static void fork_chain(const void *arg)
{
	for (int depth = 0; depth < 20; depth++) {
		pid_t pid;

		if (!io_works())
			fid_say("depth %d WRONG", depth);
		pid = fork();
		if (pid) {
			int status = fid_reap(pid);

			if (depth)
				_exit(io_works() ? status : 99);
			fid_say("chain %d", status);
			return;
		}
	}
	_exit(20);
}

static void fork_many(const void *arg)
{
	pid_t pids[200];
	char record[64], in[64];
	int p[2], whole = 0, ends = 0, seen[200] = { 0 };

	if (pipe(p))
		return;
	say_ok("before", io_works());
	for (int i = 0; i < 200; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		memset(record, 'a' + i % 26, sizeof(record));
		memcpy(record, &i, sizeof(i));
		_exit(write(p[1], record, sizeof(record)) == sizeof(record) ? 7 : 8);
	}
	for (int i = 0; i < 200; i++) {
		int from = -1;

		if (read(p[0], in, sizeof(in)) != sizeof(in))
			continue;
		memcpy(&from, in, sizeof(from));
		whole += from >= 0 && from < 200 && !seen[from]++ && in[63] == 'a' + from % 26;
	}
	for (int i = 0; i < 200; i++)
		ends += fid_reap(pids[i]) == 7;
	fid_say("whole records %d, ends %d", whole, ends);
}

static atomic_int stop, wrong;

static void *busy(void *arg)
{
	while (!stop)
		wrong += !io_works();
	return NULL;
}

static void fork_multi(const void *arg)
{
	pthread_t threads[4];
	int ends = 0;

	for (int i = 0; i < 4; i++)
		threads[i] = start(busy, NULL);
	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(io_works() ? 7 : 8);
		wrong += !pipe_works();
		ends += fid_reap(pid) == 7;
	}
	stop = 1;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	fid_say("ends %d, wrong %d", ends, wrong);
}

static int wait_pipes[3][2];
static atomic_int waiting[3];

static void *waits(void *arg)
{
	long i = (long)arg;
	char in[8] = "";
	long n;

	waiting[i] = fid_gettid();
	n = i == 0 ? read(wait_pipes[i][0], in, 8) : recv(wait_pipes[i][0], in, 8, 0);
	return (void *)(n == 4 && !strcmp(in, "data") ? 1L : 0L);
}

static void fork_while_waiting(const void *arg)
{
	pthread_t threads[3];
	void *result;
	int served = 0, ends = 0;

	for (long i = 0; i < 3; i++) {
		if (i == 0 ? pipe(wait_pipes[i]) : socketpair(AF_UNIX, SOCK_STREAM, 0, wait_pipes[i]))
			return;
		threads[i] = start(waits, (void *)i);
	}
	for (int i = 0; i < 3; i++) {
		fid_until(&waiting[i], 1);
		fid_asleep(getpid(), waiting[i], NULL);
	}
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(io_works() ? 7 : 8);
		ends += fid_reap(pid) == 7;
	}
	for (int i = 0; i < 3; i++)
		(void)!write(wait_pipes[i][1], "data", 4);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &result);
		served += (long)result;
	}
	fid_say("ends %d, served %d", ends, served);
}

static void *forks(void *arg)
{
	pid_t pid;

	say_ok("thread", io_works());
	pid = fork();
	if (pid == 0) {
		say_ok("child", io_works());
		/* When its only thread exits, the child exits. */
		return NULL;
	}
	fid_say("child %s", fid_result(fid_reap(pid)));
	say_ok("thread", io_works());
	return NULL;
}

static void fork_in_thread(const void *arg)
{
	pthread_join(start(forks, NULL), NULL);
	say_ok("main", io_works());
}

static void in_prepare(void) { say_ok("prepare", io_works()); }

static void in_parent(void)
{
	fid_until(fid_shm, 1);	/* wait: the child's line comes first */
	say_ok("parent", io_works());
}

static void in_child(void)
{
	say_ok("child", io_works());
	atomic_store((atomic_int *)fid_shm, 1);
}

static void fork_handlers(const void *arg)
{
	pid_t pid;

	if (pthread_atfork(in_prepare, NULL, NULL) || pthread_atfork(NULL, in_parent, NULL) ||
	    pthread_atfork(NULL, NULL, in_child))
		return;
	pid = fork();
	if (pid == 0) {
		_exit(io_works() ? 7 : 8);
	}
	fid_say("end %s", fid_result(fid_reap(pid)));
}

static void *child_thread(void *arg)
{
	return (void *)(long)io_works();
}

static void fork_then_threads(const void *arg)
{
	pid_t pid;

	say_ok("before", io_works());
	pid = fork();
	if (pid == 0) {
		pthread_t threads[4];
		void *result;
		int good = 0;

		for (int i = 0; i < 4; i++)
			threads[i] = start(child_thread, NULL);
		for (int i = 0; i < 4; i++) {
			pthread_join(threads[i], &result);
			good += (long)result;
		}
		exit(good == 4 ? 7 : 8);
	}
	fid_say("child %s", fid_result(fid_reap(pid)));
}

/* The child changes shared state: the open file description. */
static void foreign_nonblock(const void *arg)
{
	const int *by_vfork = arg;
	char c;
	int p[2];
	pid_t pid;

	if (pipe(p) || write(p[1], "x", 1) != 1)
		return;
	fid_say("%s", fid_result(read(p[0], &c, 1) < 0 ? -errno : 1));
	pid = *by_vfork ? vfork() : fork();
	if (pid == 0) {
		fcntl(p[0], F_SETFL, O_NONBLOCK);
		_exit(0);
	}
	fid_reap(pid);
	fid_say("%s", fid_result(read(p[0], &c, 1) < 0 ? -errno : 1));
	pid = *by_vfork ? vfork() : fork();
	if (pid == 0) {
		fcntl(p[0], F_SETFL, 0);
		_exit(0);
	}
	fid_reap(pid);
	pid = fid_fork();
	if (pid == 0) {
		fid_asleep(getppid(), getppid(), NULL);
		fid_sys3(SYS_write, p[1], "y", 1);
		_exit(0);
	}
	fid_say("%s", fid_result(read(p[0], &c, 1) < 0 ? -errno : 1));
	fid_reap(pid);
}

static void foreign_timeout(const void *arg)
{
	struct timeval tv = { .tv_usec = 30000 };
	char c;
	int p[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p) || write(p[1], "x", 1) != 1)
		return;
	fid_say("%s", fid_result(recv(p[0], &c, 1, 0) < 0 ? -errno : 1));
	pid = fork();
	if (pid == 0) {
		setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		_exit(0);
	}
	fid_reap(pid);
	fid_say("%s", fid_result(recv(p[0], &c, 1, 0) < 0 ? -errno : 1));
}

/* vfork */

static void vfork_io(const void *arg)
{
	static int shared[2], fd;
	static char in[8];
	pid_t pid;

	say_ok("before", io_works());
	if (pipe(shared))
		return;
	fd = open("file", O_RDWR | O_CREAT, 0600);
	for (int i = 0; i < 10; i++) {
		pid = vfork();
		if (pid == 0) {
			if (write(shared[1], "child", 5) != 5 || pwrite(fd, "12345", 5, 0) != 5 ||
			    pread(fd, in, 3, 1) != 3 || fsync(fd) || !pipe_works() || !socket_works())
				_exit(8);
			_exit(7);
		}
		fid_say("%s", fid_result(fid_reap(pid)));
		say_ok("shared", read(shared[0], in, 8) == 5 && !memcmp(in, "child", 5));
	}
	say_ok("after", io_works());
}

static void vfork_descriptors(const void *arg)
{
	static int p[2], q[2];
	static char in[8];
	pid_t pid;

	if (pipe(p) || pipe(q))
		return;
	say_ok("before", write(p[1], "a", 1) == 1 && read(p[0], in, 1) == 1);
	pid = vfork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		close(p[0]);
		dup2(null, p[1]);
		dup2(null, q[0]);
		fcntl(q[1], F_SETFD, FD_CLOEXEC);
		close_range(q[1], ~0U, 0);
		if (open("/dev/zero", O_RDONLY) < 0 || write(p[1], "lost", 4) != 4 ||
		    read(q[0], in, 1) != 0)
			_exit(8);
		_exit(7);
	}
	fid_say("child %s", fid_result(fid_reap(pid)));
	say_ok("own", write(p[1], "mine", 4) == 4 && read(p[0], in, 8) == 4 &&
		!memcmp(in, "mine", 4) && write(q[1], "too", 3) == 3 && read(q[0], in, 8) == 3 &&
		fcntl(q[1], F_GETFD) == 0);
	fid_say("EAGAIN or %s", (fcntl(p[0], F_SETFL, O_NONBLOCK), read(p[0], in, 1) < 0 &&
		errno == EAGAIN) ? "that" : "NOT");
}

static atomic_int hits;

static void on_signal(int sig)
{
	hits++;
}

static void on_other(int sig)
{
	hits += 100;
}

static void vfork_handlers(const void *arg)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, old;
	sigset_t set;
	pid_t pid;

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGCHLD, &sa, NULL);
	signal(SIGUSR2, SIG_IGN);
	pid = vfork();
	if (pid == 0) {
		for (int sig = 1; sig < 65; sig++)
			signal(sig, SIG_DFL);
		signal(SIGUSR1, on_other);
		sigfillset(&set);
		sigprocmask(SIG_SETMASK, &set, NULL);
		_exit(signal(SIGUSR1, SIG_IGN) == on_other && signal(SIGUSR2, SIG_DFL) == SIG_DFL ?
		      7 : 8);
	}
	fid_say("child %s", fid_result(fid_reap(pid)));
	hits = 0;
	sigaction(SIGUSR1, NULL, &old);
	say_ok("handler", old.sa_handler == on_signal && old.sa_flags & SA_RESTART);
	raise(SIGUSR1);
	raise(SIGUSR2);
	raise(SIGCHLD);
	fid_say("runs %d", hits);
	sigprocmask(SIG_BLOCK, NULL, &set);
	say_ok("mask", sigisemptyset(&set));
	say_ok("ignored", signal(SIGUSR2, SIG_DFL) == SIG_IGN);
}

/* A handler runs in the vfork child, over its waiting call. */
static void vfork_signalled(const void *arg)
{
	static int p[2];
	static char c;
	static volatile int eintr;
	struct sigaction sa = { .sa_handler = on_signal };
	pid_t pid, helper;
	atomic_int *child = fid_shm;

	if (pipe(p))
		return;
	sigaction(SIGUSR1, &sa, NULL);
	say_ok("before", io_works());
	helper = fid_fork();
	if (helper == 0) {
		fid_until(child, 1);
		fid_asleep(*child, *child, NULL);
		fid_sys2(SYS_kill, *child, SIGUSR1);
		fid_asleep(*child, *child, NULL);
		fid_sys3(SYS_write, p[1], "x", 1);
		_exit(0);
	}
	pid = vfork();
	if (pid == 0) {
		*child = getpid();
		while (read(p[0], &c, 1) < 0 && errno == EINTR)
			eintr++;
		_exit(7);
	}
	fid_say("child %s, interrupted %d, handlers %d", fid_result(fid_reap(pid)), eintr, hits);
	fid_reap(helper);
	say_ok("after", io_works());
	raise(SIGUSR1);
	fid_say("handlers %d", hits);
}

static void vfork_exec(const void *arg)
{
	static int p[2];
	char in[64] = "";
	pid_t pid;

	say_ok("before", io_works());
	if (pipe(p))
		return;
	pid = vfork();
	if (pid == 0) {
		dup2(p[1], 1);
		close(p[0]);
		close(p[1]);
		execl("/bin/sh", "sh", "-c", "echo from the program | cat; exit 5", NULL);
		_exit(127);
	}
	close(p[1]);
	fid_say("child %s", fid_result(fid_reap(pid)));
	say_ok("output", read(p[0], in, sizeof(in)) == 17 && !strcmp(in, "from the program\n"));
	pid = vfork();
	if (pid == 0) {
		execl("/nonexistent", "x", NULL);
		_exit(errno == ENOENT ? 6 : 8);
	}
	fid_say("child %s", fid_result(fid_reap(pid)));
	say_ok("after", io_works());
}

static void vfork_killed(const void *arg)
{
	pid_t pid = vfork();

	if (pid == 0) {
		if (!pipe_works())
			_exit(8);
		kill(getpid(), SIGKILL);
		_exit(9);
	}
	fid_say("child %s", fid_result(fid_reap(pid)));
	say_ok("after", io_works());
}

static void vfork_multi(const void *arg)
{
	static int p[2];
	pthread_t threads[3];
	volatile int ends = 0;

	if (pipe(p))
		return;
	for (int i = 0; i < 3; i++)
		threads[i] = start(busy, NULL);
	for (int i = 0; i < 100; i++) {
		char c;
		pid_t pid = vfork();

		if (pid == 0)
			_exit(write(p[1], "x", 1) == 1 ? 7 : 8);
		ends += fid_reap(pid) == 7 && read(p[0], &c, 1) == 1;
	}
	stop = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	fid_say("ends %d, wrong %d", ends, wrong);
}

static void vfork_forks(const void *arg)
{
	static volatile int inner;
	pid_t pid = vfork();

	if (pid == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0)
			_exit(io_works() ? 7 : 8);
		inner = fid_reap(grandchild);
		_exit(pipe_works() ? 6 : 8);
	}
	fid_say("child %s", fid_result(fid_reap(pid)));
	fid_say("grandchild %d", inner);
	say_ok("after", io_works());
}

/* clone */

static int p_clone[2];

static int clone_body(void *arg)
{
	unsigned char c = 'c';

	for (int i = 0; i < 200; i++)
		if (fid_sys3(SYS_write, p_clone[1], &c, 1) != 1)
			return 8;
	return arg ? (io_works() ? 7 : 8) : (write(p_clone[1], "d", 1) == 1 ? 7 : 8);
}

struct clone_way {
	int flags;
	bool all;
};

static void clones(const void *arg)
{
	const struct clone_way *w = arg;
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char in[256];
	int pid, got = 0;

	say_ok("before", io_works());
	if (pipe(p_clone))
		return;
	pid = clone(clone_body, stack + STACK, w->flags | SIGCHLD, (void *)(long)w->all);
	if (pid < 0)
		fid_die("clone");
	while (got < (w->all ? 200 : 201)) {
		long n = read(p_clone[0], in, sizeof(in));

		if (n <= 0)
			break;
		got += n;
	}
	fid_say("%d bytes, child %s", got, fid_result(fid_reap(pid)));
	say_ok("after", io_works());
}

static const struct clone_way clone_ways[] = {
	{ CLONE_VM | CLONE_VFORK, true }, { CLONE_VM, false }, { 0, true }, { CLONE_FILES, true },
	{ CLONE_VM | CLONE_FILES | CLONE_SIGHAND, false },
	{ CLONE_VM | CLONE_VFORK | CLONE_FILES, true },
};

/* Other functions that create processes */

static long collect(int fd, char *text, size_t size)
{
	size_t len = 0;
	long n;

	while (len < size - 1 && (n = read(fd, text + len, size - 1 - len)) > 0)
		len += n;
	text[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n')
			text[i] = '$';
	return len;
}

static void spawn(const void *arg)
{
	char *argv[] = { (char *)"sh", (char *)"-c",
		(char *)"cat; echo err >&2; ls -d sub >/dev/null 2>&1; echo $?; kill -USR1 $$; echo alive", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t set;
	char text[200];
	int in[2], out[2], fd;
	pid_t pid;

	say_ok("before", io_works());
	if (pipe(in) || pipe(out) || mkdir("dir", 0700))
		return;
	signal(SIGUSR1, SIG_IGN);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "errors", O_WRONLY | O_CREAT, 0600);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	posix_spawn_file_actions_addchdir_np(&actions, "dir");
	posix_spawnattr_init(&attr);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	posix_spawnattr_setsigmask(&attr, &set);
	sigaddset(&set, SIGTERM);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
				 POSIX_SPAWN_SETPGROUP);
	errno = posix_spawn(&pid, "/bin/sh", &actions, &attr, argv, environ);
	if (errno)
		fid_die("posix_spawn");
	close(in[0]);
	close(out[1]);
	(void)!write(in[1], "given\n", 6);
	close(in[1]);
	collect(out[0], text, sizeof(text));
	fid_say("%s", text);
	fid_say("end %s", fid_result(fid_reap(pid)));
	fd = open("errors", O_RDONLY);
	collect(fd, text, sizeof(text));
	fid_say("%s", text);
	fid_say("none: %s", fid_errname(posix_spawnp(&pid, "no-such-program", NULL, NULL, argv, environ)));
	say_ok("after", io_works());
}

static void systems(const void *arg)
{
	say_ok("before", io_works());
	signal(SIGCHLD, on_signal);
	fid_say("%d", system("echo x | cat >/dev/null; exit 3") >> 8);
	fid_say("%d", system("kill -9 $$"));
	fid_say("%d", system(NULL));
	fid_say("handlers %d", hits);
	say_ok("after", io_works());
}

static void popens(const void *arg)
{
	char line[64];
	FILE *f;

	say_ok("before", io_works());
	f = popen("echo one; echo two; exit 4", "r");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		fid_say("%s", line);
	}
	fid_say("%d", pclose(f) >> 8);
	f = popen("cat > popened", "we");
	fprintf(f, "%s %d\n", "written", 5);
	fid_say("%d", pclose(f));
	f = fopen("popened", "r");
	if (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		fid_say("%s", line);
	}
	fclose(f);
	say_ok("after", io_works());
}

static void daemons(const void *arg)
{
	char text[64];
	pid_t pid;
	int p[2];

	say_ok("before", io_works());
	if (pipe(p))
		return;
	pid = fork();
	if (pid == 0) {
		const char *said;

		if (daemon(1, 0))
			_exit(9);
		said = io_works() ? "daemon works" : "daemon WRONG";
		(void)!write(p[1], said, strlen(said));
		_exit(0);
	}
	close(p[1]);
	fid_say("%s", fid_result(fid_reap(pid)));
	collect(p[0], text, sizeof(text));
	fid_say("%s", text);
}

static void ptys(const void *arg)
{
	char text[200];
	size_t len = 0;
	long n;
	int master;
	pid_t pid;

	say_ok("before", io_works());
	pid = forkpty(&master, NULL, NULL, NULL);
	if (pid == 0) {
		char line[32];

		n = read(0, line, sizeof(line));
		if (n > 0)
			(void)!write(1, line, n);
		_exit(isatty(0) && io_works() ? 7 : 8);
	}
	(void)!write(master, "typed\n", 6);
	while (len < sizeof(text) - 1 && (n = read(master, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	fid_say("end %s", fid_errname(errno));
	text[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ')
			text[i] = '$';
	fid_say("%s", text);
	fid_say("%s", fid_result(fid_reap(pid)));
}

/* exec */

static void exec_keeps(const void *arg)
{
	char text[100], word[100];
	int p[2];
	pid_t pid;

	say_ok("before", io_works());
	if (pipe(p))
		return;
	pid = fork();
	if (pid == 0) {
		int fd = open("kept", O_RDWR | O_CREAT, 0600);

		if (!io_works() || write(fd, "before ", 7) != 7)
			_exit(8);
		dup2(p[1], 1);
		snprintf(word, sizeof(word), "echo after >&%d; cat kept; ls /proc/self/fd | wc -l", fd);
		execl("/bin/sh", "sh", "-c", word, NULL);
		_exit(9);
	}
	close(p[1]);
	collect(p[0], text, sizeof(text));
	fid_say("%s", text);
	fid_say("%s", fid_result(fid_reap(pid)));
}

static void exec_bare(const void *arg)
{
	/* No environment at all: nothing is preloaded, and nothing breaks. */
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)"echo x | cat >/dev/null; exit 4", NULL };
	char *none[] = { NULL };
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		execve("/bin/sh", argv, none);
		_exit(9);
	}
	fid_say("%s", fid_result(fid_reap(pid)));
	pid = fork();
	if (pid == 0) {
		fexecve(open("/bin/sh", O_RDONLY), argv, environ);
		_exit(9);
	}
	fid_say("%s", fid_result(fid_reap(pid)));
	pid = fork();
	if (pid == 0) {
		execvp("sh", argv);
		_exit(9);
	}
	fid_say("%s", fid_result(fid_reap(pid)));
	pid = fork();
	if (pid == 0) {
		if (execl("/nonexistent", "x", NULL) != -1 || errno != ENOENT ||
		    execl("/dev/null", "x", NULL) != -1 || errno != EACCES)
			_exit(9);
		_exit(io_works() ? 5 : 8);
	}
	fid_say("%s", fid_result(fid_reap(pid)));
}

/* A program written a moment ago can be executed: nobody holds it open for writing. */
static void exec_fresh(const void *arg)
{
	char block[65536];
	int good = 0;

	for (int i = 0; i < 20; i++) {
		int from = open("/bin/true", O_RDONLY), to;
		pid_t pid;
		long n;

		to = open("fresh", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
		while ((n = read(from, block, sizeof(block))) > 0)
			if (write(to, block, n) != n)
				return;
		close(from);
		close(to);
		pid = fork();
		if (pid == 0) {
			execl("./fresh", "fresh", NULL);
			_exit(errno == ETXTBSY ? 9 : 10);
		}
		good += fid_reap(pid) == 0;
		unlink("fresh");
	}
	fid_say("ran %d", good);
}

/* Exits */

static void at_end(void)
{
	say_ok("at the end", io_works());
}

static void on_exit_end(int status, void *arg)
{
	fid_say("on_exit %d", status);
	say_ok(arg, io_works());
}

static void end_exit(const void *arg)
{
	atexit(at_end);
	on_exit(on_exit_end, (void *)"argument");
	say_ok("before", io_works());
	exit(3);
}

static void end_quick(const void *arg)
{
	atexit(at_end);
	at_quick_exit(at_end);
	say_ok("before", io_works());
	quick_exit(4);
}

static void end__exit(const void *arg)
{
	atexit(at_end);
	say_ok("before", io_works());
	_exit(5);
}

static void end__Exit(const void *arg)
{
	atexit(at_end);
	say_ok("before", io_works());
	_Exit(6);
}

static void end_abort(const void *arg)
{
	say_ok("before", io_works());
	abort();
}

static void end_stdio(const void *arg)
{
	/* exit must write the data that stdio still holds, once. */
	char text[64];
	FILE *f = fopen("held", "w");
	pid_t pid;
	int fd;

	fputs("held back\n", f);
	pid = fork();
	if (pid == 0)
		_exit(0);
	fid_reap(pid);
	pid = fork();
	if (pid == 0)
		exit(0);
	fid_reap(pid);
	fd = open("held", O_RDONLY);
	collect(fd, text, sizeof(text));
	fid_say("%s", text);
}

/*
 * When a process exits while its threads wait in calls, its files must be released by the time its
 * parent learns of the exit.
 */

enum release { KILLED, EXITS, EXECS };

static int held[2];
static struct sockaddr_in held_at;

static void *holds_pipe(void *arg)
{
	char c;

	(void)!read(held[0], &c, 1);
	return NULL;
}

static void *holds_socket(void *arg)
{
	char c;

	recv(held[0], &c, 1, 0);
	return NULL;
}

/* The child makes its own listener, because no operation waits on one that its parent shares. */
static void *holds_listener(void *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (void *)&held_at, sizeof(held_at)) || listen(fd, 4))
		fid_die("listen");
	accept(fd, NULL, NULL);
	return NULL;
}

/*
 * Finds a free port for the child, at a loopback address of this process's own: at 127.0.0.1 somebody
 * else could get the port before the child binds it.
 */
static bool find_port(void)
{
	socklen_t len = sizeof(held_at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool found;

	held[0] = held[1] = -1;
	held_at = (struct sockaddr_in){ .sin_family = AF_INET };
	held_at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + ((uint32_t)getpid() % 65536 << 8));
	found = !bind(fd, (void *)&held_at, sizeof(held_at)) &&
		!getsockname(fd, (void *)&held_at, &len);
	close(fd);
	return found;
}

static bool let_go(void *(*body)(void *))
{
	bool gone;
	char c;
	int fd;

	if (body == holds_pipe)
		return write(held[1], "x", 1) == -1 && errno == EPIPE;
	if (body == holds_socket)
		return recv(held[1], &c, 1, MSG_DONTWAIT) == 0;
	/* A connection would fill the backlog and make the next one wait. */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	gone = !bind(fd, (void *)&held_at, sizeof(held_at));
	close(fd);
	return gone;
}

/* On a busy machine the kernel takes its time for a process that waited by ring. */
static bool let_go_soon(void *(*body)(void *))
{
	for (int i = 0; i < 5000; i++) {
		if (let_go(body))
			return true;
		fid_sleep_us(1000);
	}
	return false;
}

static void holder(void *(*body)(void *), enum release how)
{
	atomic_int *caller = fid_shm;
	pthread_t thread;

	if (held[1] >= 0)
		close(held[1]);
	if (how == KILLED) {
		atomic_store(caller, 1);
		body(NULL);
		_exit(8);
	}
	thread = start(body, NULL);
	fid_sleep_us(10000);
	if (how == EXITS)
		_exit(7);
	execl("/bin/sh", "sh", "-c", "exit 7", NULL);
	(void)thread;
}

struct let_go_way {
	void *(*body)(void *);
	enum release how;
};

/* Reaps by one of libc's functions. Returns the status as fid_reap does. */
static int reap_with(int function, pid_t pid)
{
	struct rusage usage;
	siginfo_t info;
	pid_t got = pid;
	int status = 0;

	switch (function) {
	case 0:
		got = waitpid(pid, &status, 0);
		break;
	case 1:
		got = wait4(pid, &status, 0, &usage);
		break;
	case 2:
		got = wait3(&status, 0, &usage);
		break;
	case 3:
		got = wait(&status);
		break;
	case 4:
		got = waitid(P_PID, pid, &info, WEXITED) ? -1 : info.si_pid;
		return got != pid ? -1 : info.si_status + (info.si_code == CLD_KILLED ? 1000 : 0);
	case 5:
		/* Polls without asking for the exit status. */
		for (got = 0; got == 0; got = waitpid(pid, NULL, WNOHANG))
			fid_sleep_us(200);
		return got == pid ? -2 : -1;
	}
	return got != pid ? -1 : WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

enum { REAP_FUNCTIONS = 6, HOLDERS = 4 * REAP_FUNCTIONS };

static void lets_go(const void *arg)
{
	const struct let_go_way *w = arg;
	atomic_int *caller = fid_shm;
	int at_once = 0, soon = 0, ends = 0;

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < HOLDERS; i++) {
		int end;
		pid_t pid;
		bool made = w->body == holds_pipe ? !pipe2(held, O_CLOEXEC) :
			w->body == holds_socket ?
			!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, held) : find_port();

		if (!made)
			fid_die("holding");
		*caller = 0;
		pid = fid_fork();
		if (pid == 0)
			holder(w->body, w->how);
		close(held[0]);
		if (w->how == KILLED) {
			fid_until(caller, 1);
			fid_asleep(pid, pid, NULL);
			kill(pid, SIGKILL);
		}
		end = reap_with(i % REAP_FUNCTIONS, pid);
		ends += end == -2 || end == (w->how == KILLED ? 1000 + SIGKILL : 7);
		at_once += let_go(w->body);
		soon += let_go_soon(w->body);
		if (held[1] >= 0)
			close(held[1]);
	}
	fid_say("ends %d, let go %d, %s at once", ends, soon,
		2 * at_once >= HOLDERS ? "most" : "FEW");
}

static const struct let_go_way let_go_ways[] = {
	{ holds_pipe, KILLED }, { holds_socket, KILLED }, { holds_listener, KILLED },
	{ holds_pipe, EXITS }, { holds_socket, EXITS }, { holds_listener, EXITS },
	{ holds_pipe, EXECS }, { holds_listener, EXECS },
};

static const int by_fork, by_vfork = 1;

static const struct fid_case cases[] = {
	{ "fork/single", fork_single, NULL, FID_RING, 0 },
	{ "fork/raw", fork_raw, NULL, FID_RING, 0 },
#ifdef SYS_fork
	{ "fork/syscall", fork_syscall, &nr_fork, FID_RING, 0 },
#endif
	{ "fork/syscall-clone", fork_syscall, &nr_clone, FID_RING, 0 },
	{ "fork/_Fork", fork_bare, NULL, FID_RING, 0 },
	{ "fork/chain", fork_chain, NULL, FID_RING, 0 },
	{ "fork/many", fork_many, NULL, FID_RING, 0 },
	{ "fork/multi-threaded", fork_multi, NULL, FID_RING, 80 },
	{ "fork/while-waiting", fork_while_waiting, NULL, FID_RING, 0 },
	{ "fork/in-thread", fork_in_thread, NULL, FID_RING, 0 },
	{ "fork/handlers", fork_handlers, NULL, FID_RING, 0 },
	{ "fork/then-threads", fork_then_threads, NULL, FID_RING, 0 },
	{ "fork/foreign-nonblock", foreign_nonblock, &by_fork, 0, 0 },
	{ "fork/foreign-timeout", foreign_timeout, NULL, 0, 0 },
	{ "vfork/io", vfork_io, NULL, FID_RING, 0 },
	{ "vfork/descriptors", vfork_descriptors, NULL, FID_RING, 0 },
	{ "vfork/foreign-nonblock", foreign_nonblock, &by_vfork, 0, 0 },
	{ "vfork/handlers", vfork_handlers, NULL, 0, 0 },
	{ "vfork/signalled", vfork_signalled, NULL, FID_RING, 0 },
	{ "vfork/exec", vfork_exec, NULL, FID_RING, 0 },
	{ "vfork/killed", vfork_killed, NULL, FID_RING, 0 },
	{ "vfork/multi-threaded", vfork_multi, NULL, FID_RING, 40 },
	{ "vfork/forks", vfork_forks, NULL, FID_RING, 0 },
	{ "clone/vm-vfork", clones, &clone_ways[0], FID_RING, 0 },
	{ "clone/vm", clones, &clone_ways[1], FID_RING, 0 },
	{ "clone/plain", clones, &clone_ways[2], FID_RING, 0 },
	{ "clone/files", clones, &clone_ways[3], FID_RING, 0 },
	{ "clone/vm-files-sighand", clones, &clone_ways[4], FID_RING, 0 },
	{ "clone/vm-vfork-files", clones, &clone_ways[5], FID_RING, 0 },
	{ "spawn", spawn, NULL, FID_RING, 0 },
	{ "system", systems, NULL, FID_RING, 0 },
	{ "popen", popens, NULL, FID_RING, 0 },
	{ "daemon", daemons, NULL, FID_RING, 0 },
	{ "forkpty", ptys, NULL, FID_RING, 0 },
	{ "exec/keeps", exec_keeps, NULL, FID_RING, 0 },
	{ "exec/bare", exec_bare, NULL, 0, 0 },
	{ "exec/fresh", exec_fresh, NULL, FID_RING, 0 },
	{ "end/exit", end_exit, NULL, FID_RING, 0 },
	{ "end/quick_exit", end_quick, NULL, FID_RING, 0 },
	{ "end/_exit", end__exit, NULL, FID_RING, 0 },
	{ "end/_Exit", end__Exit, NULL, FID_RING, 0 },
	{ "end/abort", end_abort, NULL, FID_RING, 0 },
	{ "end/stdio", end_stdio, NULL, 0, 0 },
	{ "lets-go/killed-pipe", lets_go, &let_go_ways[0], FID_RING, 0 },
	{ "lets-go/killed-socket", lets_go, &let_go_ways[1], FID_RING, 0 },
	{ "lets-go/killed-listener", lets_go, &let_go_ways[2], FID_RING, 0 },
	{ "lets-go/exits-pipe", lets_go, &let_go_ways[3], FID_RING, 0 },
	{ "lets-go/exits-socket", lets_go, &let_go_ways[4], FID_RING, 0 },
	{ "lets-go/exits-listener", lets_go, &let_go_ways[5], FID_RING, 0 },
	{ "lets-go/execs-pipe", lets_go, &let_go_ways[6], FID_RING, 0 },
	{ "lets-go/execs-listener", lets_go, &let_go_ways[7], FID_RING, 0 },
};

int main(int argc, char **argv)
{
	return fid_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}

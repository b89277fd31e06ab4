/* SPDX-License-Identifier: MIT */
/*
 * Tests environments that a program creates for itself after it has done I/O: seccomp filters,
 * closed descriptors, other namespaces, other users, exhausted resources.
 */
#include "work-steps.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static long err(long result)
{
	return result < 0 ? -errno : result;
}

static void *works_body(void *arg)
{
	return (void *)(long)io_works();
}

static bool thread_works(void)
{
	pthread_t thread;
	void *result = NULL;

	if (pthread_create(&thread, NULL, works_body, NULL))
		return false;
	pthread_join(thread, &result);
	return result;
}

static void say_all(const char *when)
{
	fid_say("%s: %s", when, io_works() ? "ok" : "WRONG");
	fid_say("thread: %s", thread_works() ? "ok" : "WRONG");
}

/* A thread that did I/O before and does more when told to. */
static atomic_int ready, go;

static void *earlier_body(void *arg)
{
	bool before = io_works();

	ready = fid_gettid();
	fid_until(&go, 1);
	return (void *)(long)(before && io_works());
}

static pthread_t earlier_thread(void)
{
	pthread_t thread = start(earlier_body, NULL);

	fid_until(&ready, 1);
	return thread;
}

static void say_earlier(pthread_t thread)
{
	void *result;

	go = 1;
	pthread_join(thread, &result);
	fid_say("earlier thread: %s", result ? "ok" : "WRONG");
}

/* Filters */

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SAME(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)

enum how { BY_PRCTL, BY_SYSCALL, BY_SYSCALL_TSYNC, BY_RAW };

struct filter {
	enum how how;
	unsigned result;
	bool in_thread;
};

static long install_filter(enum how how, unsigned result)
{
	struct sock_filter filter[] = {
		LOAD(nr),
		SAME(SYS_io_uring_setup, 1), RETURN(result),
		SAME(SYS_io_uring_enter, 1), RETURN(result),
		SAME(SYS_io_uring_register, 1), RETURN(result),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fid_die("PR_SET_NO_NEW_PRIVS");
	switch (how) {
	case BY_PRCTL:
		return err(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	case BY_SYSCALL:
		return err(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
	case BY_SYSCALL_TSYNC:
		return err(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				   SECCOMP_FILTER_FLAG_TSYNC, &program));
	default:
		return fid_sys3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	}
}

static void *install_body(void *arg)
{
	const struct filter *f = arg;

	return (void *)install_filter(f->how, f->result);
}

static void filters(const void *arg)
{
	const struct filter *f = arg;
	pthread_t earlier = earlier_thread();
	void *result;

	say_all("before");
	if (f->in_thread)
		pthread_join(start(install_body, (void *)f), &result);
	else
		result = (void *)install_filter(f->how, f->result);
	fid_say("filter: %s", fid_result((long)result));
	say_all("after");
	say_earlier(earlier);
}

static void filter_child(const void *arg)
{
	const struct filter *f = arg;
	pid_t pid;

	say_all("before");
	fid_say("filter: %s", fid_result(install_filter(f->how, f->result)));
	pid = fork();
	if (pid == 0)
		_exit(io_works() && thread_works() ? 7 : 8);
	fid_say("child %s", fid_result(fid_reap(pid)));
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "echo x | cat >/dev/null && exit 6", NULL);
		_exit(9);
	}
	fid_say("program %s", fid_result(fid_reap(pid)));
	say_all("after");
}

/* A filter that a child installs must not affect the parent. */
static void filter_in_child(const void *arg)
{
	const struct filter *f = arg;
	pid_t pid;

	say_all("before");
	pid = fork();
	if (pid == 0) {
		install_filter(f->how, f->result);
		_exit(io_works() && thread_works() ? 7 : 8);
	}
	fid_say("child %s", fid_result(fid_reap(pid)));
	say_all("after");
}

static int wait_pipe[2];
static atomic_int waiter, hits;

static void on_signal(int sig)
{
	hits++;
}

static void *waits(void *arg)
{
	char c;
	long n, eintr = 0;

	(void)pipe_works();
	waiter = fid_gettid();
	while ((n = read(wait_pipe[0], &c, 1)) < 0 && errno == EINTR)
		eintr++;
	return (void *)(n == 1 ? eintr : -1);
}

/* The filter is installed while another thread waits inside a call. */
static void filter_while_waiting(const void *arg)
{
	const int *signalled = arg;
	struct sigaction sa = { .sa_handler = on_signal };
	pthread_t thread;
	void *result;

	if (pipe(wait_pipe))
		return;
	sigaction(SIGUSR1, &sa, NULL);
	thread = start(waits, NULL);
	fid_until(&waiter, 1);
	fid_asleep(getpid(), waiter, NULL);
	fid_say("filter: %s", fid_result(install_filter(BY_SYSCALL_TSYNC, SECCOMP_RET_KILL_PROCESS)));
	if (*signalled) {
		pthread_kill(thread, SIGUSR1);
		fid_until(&hits, 1);
		fid_asleep(getpid(), waiter, NULL);
	}
	(void)!write(wait_pipe[1], "x", 1);
	pthread_join(thread, &result);
	fid_say("interrupted %ld", (long)result);
	say_all("after");
}

/* From now on only read, write and exit are allowed. */
static void strict(const void *arg)
{
	const int *filter = arg;
	static unsigned char data[100], got[100];
	struct sock_filter f[] = {
		LOAD(nr),
		SAME(SYS_read, 1), RETURN(SECCOMP_RET_ALLOW),
		SAME(SYS_write, 1), RETURN(SECCOMP_RET_ALLOW),
		SAME(SYS_exit, 1), RETURN(SECCOMP_RET_ALLOW),
		SAME(SYS_rt_sigreturn, 1), RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { sizeof(f) / sizeof(f[0]), f };
	bool ok = true;
	int p[2];

	say_ok("before", io_works());
	if (pipe(p))
		return;
	if (*filter) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
			fid_die("seccomp");
	} else if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)) {
		fid_die("strict");
	}
	for (int i = 0; i < 100; i++) {
		data[0] = i;
		ok = ok && write(p[1], data, 100) == 100 && read(p[0], got, 100) == 100 && got[0] == i;
	}
	say_ok("inside", ok);
	syscall(SYS_exit, 7);
}

/* Descriptors */

static bool lowest_is(int expected)
{
	int fd = open("/dev/null", O_RDONLY);
	bool ok = fd == expected;

	if (!ok)
		fid_say("lowest is %d, not %d", fd, expected);
	close(fd);
	return ok;
}

static void close_everything(const void *arg)
{
	const int *how = arg;
	pthread_t earlier;

	say_ok("lowest before", lowest_is(3));
	say_all("before");
	earlier = earlier_thread();
	say_ok("lowest then", lowest_is(3));
	switch (*how) {
	case 0: fid_say("%d", close_range(3, ~0U, 0)); break;
	case 1: closefrom(3); break;
	case 2: for (int fd = 3; fd < 4096; fd++) close(fd); break;
	case 3: for (int fd = 3; fd < 4096; fd++) fid_sys1(SYS_close, fd); break;
	case 4: fid_say("%d", close_range(3, ~0U, CLOSE_RANGE_UNSHARE)); break;
	case 5: fid_say("%d", close_range(0, ~0U, CLOSE_RANGE_CLOEXEC)); break;
	default:
		for (int fd = 3; fd < 200; fd++)
			dup2(0, fd);
		say_ok("lowest under copies", lowest_is(200));
		say_all("under copies");
		fid_say("%d", close_range(3, ~0U, 0));
	}
	say_ok("lowest after", lowest_is(3));
	say_all("after");
	say_earlier(earlier);
}

static void no_standard(const void *arg)
{
	say_all("before");
	close(0);
	close(1);
	close(2);
	say_ok("lowest", lowest_is(0));
	say_all("without 0, 1, 2");
	say_ok("lowest", lowest_is(0));
	fid_say("%s", fid_result(err(write(2, "x", 1))));
}

static void three_descriptors(const void *arg)
{
	struct rlimit three = { 3, 3 };
	pthread_t earlier = earlier_thread();
	int p[2];

	say_all("before");
	if (pipe(p) || dup2(p[0], 0) != 0 || dup2(p[1], 1) != 1)
		return;
	close(p[0]);
	close(p[1]);
	fid_say("%d", setrlimit(RLIMIT_NOFILE, &three));
	say_ok("pipe", pair_works(0, 1));
	fid_say("open %s", fid_result(err(open("/dev/null", O_RDONLY))));
	fid_say("socket %s", fid_result(err(socket(AF_UNIX, SOCK_STREAM, 0))));
	close(2);
	fid_say("open %s", fid_result(err(open("/dev/null", O_RDONLY))));
	say_ok("pipe", pair_works(0, 1));
	(void)earlier;
}

/* Threads that start only now must manage without a ring's descriptor. */
static void *standard_body(void *arg)
{
	return (void *)(long)pair_works(0, 1);
}

static void three_then_threads(const void *arg)
{
	struct rlimit three = { 3, 3 };
	void *result;
	int p[2];

	if (pipe(p) || dup2(p[0], 0) != 0 || dup2(p[1], 1) != 1)
		return;
	close(p[0]);
	close(p[1]);
	fid_say("%d", setrlimit(RLIMIT_NOFILE, &three));
	for (int i = 0; i < 3; i++) {
		pthread_join(start(standard_body, NULL), &result);
		say_ok("thread", result);
	}
	say_ok("main", pair_works(0, 1));
}

/* Namespaces, roots, users */

static void unshares(const void *arg)
{
	const int *flags = arg;

	say_ok("before", io_works());
	say_ok("file", file_works());
	fid_say("unshare %s", fid_result(err(unshare(*flags))));
	say_ok("after", io_works());
	if (*flags & CLONE_NEWPID) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(getpid() == 1 && io_works() ? 7 : 8);
		fid_say("child %s", fid_result(fid_reap(pid)));
	}
}

static void setnamespaces(const void *arg)
{
	static const char *const names[] = { "user", "net", "ipc", "uts", "pid", "mnt" };
	char path[64];

	say_ok("before", io_works());
	for (int i = 0; i < 6; i++) {
		int fd;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		fd = open(path, O_RDONLY);
		fid_say("%s %s", names[i], fid_result(err(setns(fd, 0))));
		close(fd);
	}
	say_ok("after", io_works());
	say_ok("unshare user", unshare(CLONE_NEWUSER) == 0);
	say_ok("after", io_works());
}

static void *unshares_files(void *arg)
{
	int *p = arg;
	char c = 0;

	if (unshare(CLONE_FILES))
		return (void *)-1L;
	close(p[0]);
	close(p[1]);
	dup2(open("/dev/zero", O_RDWR), p[0]);
	return (void *)(long)(read(p[0], &c, 1) == 1 && c == 0 && read(p[1], &c, 1) == -1);
}

static void own_descriptors(const void *arg)
{
	void *result;
	int p[2];

	if (pipe(p))
		return;
	say_ok("before", pair_works(p[0], p[1]));
	pthread_join(start(unshares_files, p), &result);
	say_ok("thread", (long)result == 1);
	say_ok("after", pair_works(p[0], p[1]));
}

static void *unshares_directory(void *arg)
{
	int fd;

	if (!file_works() || unshare(CLONE_FS) || chdir("elsewhere"))
		return NULL;
	fd = open("made-there", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) || close(fd) || mkdir("directory", 0700))
		return NULL;
	return arg;
}

static void own_directory(const void *arg)
{
	void *result;

	say_ok("before", io_works());
	if (mkdir("elsewhere", 0700))
		return;
	pthread_join(start(unshares_directory, (void *)&ready), &result);
	say_ok("thread", result);
	say_ok("there", !access("elsewhere/made-there", F_OK) && !access("elsewhere/directory", F_OK) &&
		access("made-there", F_OK));
	umask(077);
	fid_say("umask %o", umask(022));
}

static void other_root(const void *arg)
{
	pthread_t earlier = earlier_thread();

	say_all("before");
	if (mkdir("root", 0777) || chmod("root", 0777))
		return;
	fid_say("chroot %s", fid_result(err(chroot("root"))));
	fid_say("chdir %s", fid_result(err(chdir("/"))));
	fid_say("groups %s", fid_result(err(setgroups(0, NULL))));
	fid_say("gid %s", fid_result(err(setgid(NOBODY))));
	fid_say("uid %s", fid_result(err(setuid(NOBODY))));
	say_all("after");
	fid_say("no /proc: %s", fid_result(err(open("/proc/self/status", O_RDONLY))));
	say_earlier(earlier);
	fid_say("%s", fid_result(err(setuid(0))));
}

static void credentials(const void *arg)
{
	struct stat st;
	int fd;

	say_ok("before", io_works());
	fd = open("secret", O_RDWR | O_CREAT, 0600);
	say_ok("own", fd >= 0 && write(fd, "x", 1) == 1);
	close(fd);
	if (chmod(".", 0777) || mkdir("closed", 0700))
		return;
	fid_say("%d", seteuid(NOBODY));
	fid_say("open %s", fid_result(err(open("secret", O_RDONLY))));
	fid_say("openat %s", fid_result(err(openat(AT_FDCWD, "secret", O_WRONLY))));
	fid_say("mkdir %s", fid_result(err(mkdir("closed/x", 0700))));
	fid_say("unlink %s", fid_result(err(unlink("closed"))));
	fd = open("by-nobody", O_RDWR | O_CREAT, 0600);
	fid_say("owner %u", fstat(fd, &st) ? 1U : st.st_uid);
	say_ok("io", io_works());
	fid_say("%d", seteuid(0));
	fid_say("open %d", open("secret", O_RDONLY) >= 0);
	say_ok("after", io_works());
}

static void *one_thread_nobody(void *arg)
{
	long a, b;

	if (!io_works())
		return NULL;
	/* Bypasses libc: changes the credentials of this thread only. */
	syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY);
	a = err(open("secret", O_RDONLY));
	b = err(open("by-nobody", O_RDWR | O_CREAT, 0600));
	return (void *)(long)(a == -EACCES && b >= 0 && io_works());
}

static void thread_credentials(const void *arg)
{
	struct stat st;
	void *result;

	close(open("secret", O_RDWR | O_CREAT, 0600));
	if (chmod(".", 0777))
		return;
	pthread_join(start(one_thread_nobody, NULL), &result);
	say_ok("thread", result);
	fid_say("owner %u", stat("by-nobody", &st) ? 1U : st.st_uid);
	fid_say("main %d", open("secret", O_RDONLY) >= 0);
}

/* Resources */

static void no_locked_memory(const void *arg)
{
	struct rlimit none = { 0, 0 };
	pthread_t earlier = earlier_thread();
	int made = 0;

	say_all("before");
	if (setrlimit(RLIMIT_MEMLOCK, &none) || chmod(".", 0777))
		return;
	fid_say("%d", setuid(NOBODY));
	say_all("after");
	for (int i = 0; i < 20; i++)
		made += thread_works();
	fid_say("threads %d", made);
	say_earlier(earlier);
}

static void *first_call_late(void *arg)
{
	fid_until(&go, (int)(long)arg);
	return (void *)(long)pair_works(wait_pipe[0], wait_pipe[1]);
}

/* These threads make their first call when there is no address space left. */
static void no_memory(const void *arg)
{
	struct rlimit none = { 0, 0 };
	pthread_t threads[4];
	void *result;

	if (pipe(wait_pipe))
		return;
	say_ok("before", io_works());
	for (int i = 0; i < 4; i++)
		threads[i] = start(first_call_late, (void *)(i + 1L));
	fid_say("%d", setrlimit(RLIMIT_AS, &none));
	for (int i = 0; i < 4; i++) {
		go = i + 1;
		pthread_join(threads[i], &result);
		say_ok("thread", result);
	}
	say_ok("mmap fails", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		MAP_FAILED);
	say_ok("after", io_works());
}

static void no_memory_descriptors(const void *arg)
{
	struct rlimit none = { 0, 0 };
	int high;

	say_ok("before", io_works());
	setrlimit(RLIMIT_AS, &none);
	/* The descriptor table needs memory for numbers that were never used before. */
	high = fcntl(0, F_DUPFD, 900);
	fid_say("high %d", high);
	for (int i = 0; i < 200; i++)
		if (dup(0) < 0)
			fid_say("dup %s", fid_errname(errno));
	say_ok("after", pipe_works());
}

static void on_xfsz(int sig)
{
	hits++;
}

static void file_size(const void *arg)
{
	struct rlimit small = { 1000, 1000 };
	char data[700] = "";
	int fd = open("limited", O_RDWR | O_CREAT, 0600);

	say_ok("before", io_works());
	signal(SIGXFSZ, on_xfsz);
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 3; i++)
		fid_say("%s", fid_result(err(write(fd, data, sizeof(data)))));
	fid_say("%s", fid_result(err(pwrite(fd, data, 10, 2000))));
	fid_say("handlers %d", hits);
}

static void no_processes(const void *arg)
{
	struct rlimit none = { 0, 0 };

	say_ok("before", io_works());
	if (chmod(".", 0777) || setuid(NOBODY) || setrlimit(RLIMIT_NPROC, &none))
		return;
	fid_say("fork %s", fid_result(err(fork())));
	say_ok("after", io_works());
}

static const int choice[] = { 0, 1, 2, 3, 4, 5, 6 };
static const int namespaces[] = { CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWPID,
	CLONE_FILES, CLONE_FS, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET };

static const struct filter filter_ways[] = {
	{ BY_PRCTL, SECCOMP_RET_ERRNO | EPERM, false },
	{ BY_PRCTL, SECCOMP_RET_ERRNO | ENOSYS, false },
	{ BY_PRCTL, SECCOMP_RET_KILL_PROCESS, false },
	{ BY_PRCTL, SECCOMP_RET_TRAP, false },
	{ BY_SYSCALL, SECCOMP_RET_ERRNO | EPERM, false },
	{ BY_SYSCALL, SECCOMP_RET_KILL_PROCESS, false },
	{ BY_SYSCALL_TSYNC, SECCOMP_RET_KILL_PROCESS, false },
	{ BY_SYSCALL_TSYNC, SECCOMP_RET_KILL_PROCESS, true },
	{ BY_PRCTL, SECCOMP_RET_KILL_PROCESS, true },
	{ BY_RAW, SECCOMP_RET_ERRNO | EPERM, false },
	{ BY_RAW, SECCOMP_RET_ERRNO | ENOSYS, false },
};

#define R FID_RING

static const struct fid_case cases[] = {
	{ "filter/prctl-EPERM", filters, &filter_ways[0], R, 0 },
	{ "filter/prctl-ENOSYS", filters, &filter_ways[1], R, 0 },
	{ "filter/prctl-kill", filters, &filter_ways[2], R, 0 },
	{ "filter/prctl-trap", filters, &filter_ways[3], R, 0 },
	{ "filter/syscall-EPERM", filters, &filter_ways[4], R, 0 },
	{ "filter/syscall-kill", filters, &filter_ways[5], R, 0 },
	{ "filter/tsync-kill", filters, &filter_ways[6], R, 0 },
	{ "filter/tsync-kill-thread", filters, &filter_ways[7], R, 0 },
	{ "filter/prctl-kill-thread", filters, &filter_ways[8], R, 0 },
	{ "filter/raw-EPERM", filters, &filter_ways[9], R, 0 },
	{ "filter/raw-ENOSYS", filters, &filter_ways[10], R, 0 },
	{ "filter/child-EPERM", filter_child, &filter_ways[0], R, 0 },
	{ "filter/child-kill", filter_child, &filter_ways[2], R, 0 },
	{ "filter/in-child-kill", filter_in_child, &filter_ways[2], R, 0 },
	{ "filter/while-waiting", filter_while_waiting, &choice[0], R, 0 },
	{ "filter/while-waiting-signal", filter_while_waiting, &choice[1], R, 0 },
	{ "filter/strict", strict, &choice[0], R, 0 },
	{ "filter/only-read-write", strict, &choice[1], R, 0 },
	{ "close/close_range", close_everything, &choice[0], R, 0 },
	{ "close/closefrom", close_everything, &choice[1], R, 0 },
	{ "close/loop", close_everything, &choice[2], R, 0 },
	{ "close/raw-loop", close_everything, &choice[3], R, 0 },
	{ "close/close_range-unshare", close_everything, &choice[4], R, 0 },
	{ "close/close_range-cloexec", close_everything, &choice[5], R, 0 },
	{ "close/dup2-over-all", close_everything, &choice[6], R, 0 },
	{ "close/standard", no_standard, NULL, R, 0 },
	{ "limit/three-descriptors", three_descriptors, NULL, R, 0 },
	{ "limit/three-then-threads", three_then_threads, NULL, 0, 0 },
	{ "limit/locked-memory", no_locked_memory, NULL, R | FID_ROOT, 0 },
	{ "limit/memory", no_memory, NULL, R, 0 },
	{ "limit/memory-descriptors", no_memory_descriptors, NULL, R, 0 },
	{ "limit/file-size", file_size, NULL, R, 0 },
	{ "limit/processes", no_processes, NULL, R | FID_ROOT, 0 },
	{ "namespace/user", unshares, &namespaces[0], R, 0 },
	{ "namespace/mount", unshares, &namespaces[1], R | FID_ROOT, 0 },
	{ "namespace/net", unshares, &namespaces[2], R | FID_ROOT, 0 },
	{ "namespace/pid", unshares, &namespaces[3], R | FID_ROOT, 0 },
	{ "namespace/files", unshares, &namespaces[4], R, 0 },
	{ "namespace/fs", unshares, &namespaces[5], R, 0 },
	{ "namespace/several", unshares, &namespaces[6], R, 0 },
	{ "namespace/setns", setnamespaces, NULL, R | FID_ROOT, 0 },
	{ "own/descriptors", own_descriptors, NULL, R, 0 },
	{ "own/directory", own_directory, NULL, R, 0 },
	{ "user/chroot", other_root, NULL, R | FID_ROOT, 0 },
	{ "user/credentials", credentials, NULL, R | FID_ROOT, 0 },
	{ "user/thread-credentials", thread_credentials, NULL, R | FID_ROOT, 0 },
};

int main(int argc, char **argv)
{
	return fid_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}

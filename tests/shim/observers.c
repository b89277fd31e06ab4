/* SPDX-License-Identifier: MIT */
/*
 * Tests calls that depend on the calling thread, on the clock or on other waiters: names and waits
 * that mean something else in a kernel thread. Prints the same natively and by ring. Run it in an
 * empty directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *what, long ret)
{
	int err = errno;

	printf("%s: %ld %s\n", what, ret, ret < 0 ? strerrorname_np(err) : "-");
}

static void pause_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	syscall(SYS_nanosleep, &time, NULL);
}

static double now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/*
 * Sleeps until an absolute time 0.3 s away, and times in the past. A SIGALRM interrupts a sleep
 * that is late.
 */
static void sleep_until(const char *name, clockid_t clock)
{
	struct timespec at;
	double began = now(CLOCK_REALTIME);
	int ret;

	clock_gettime(clock, &at);
	ret = clock_nanosleep(clock, TIMER_ABSTIME, &at, NULL);
	printf("%s, now: %d\n", name, ret);
	at.tv_nsec += 300000000;
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	ret = clock_nanosleep(clock, TIMER_ABSTIME, &at, NULL);
	printf("%s: %d, %s\n", name, ret, now(CLOCK_REALTIME) - began < 0.29 ? "too short" : "slept");
	at = (struct timespec){ 0, 0 };
	printf("%s, long ago: %d\n", name, clock_nanosleep(clock, TIMER_ABSTIME, &at, NULL));
}

static void clocks(void)
{
	sleep_until("monotonic", CLOCK_MONOTONIC);
	sleep_until("boot time", CLOCK_BOOTTIME);
	sleep_until("real time", CLOCK_REALTIME);
}

static void time_namespace(long shift)
{
	char offsets[80];
	int fd, status, len;

	if (unshare(CLONE_NEWTIME)) {
		printf("no time namespace\n");
		return;
	}
	fd = open("/proc/self/timens_offsets", O_WRONLY);
	len = snprintf(offsets, sizeof(offsets), "monotonic %ld 0\nboottime %ld 0\n", shift, shift);
	printf("offsets: %d\n", write(fd, offsets, (size_t)len) == len);
	close(fd);
	fflush(stdout);
	if (!fork()) {
		alarm(300);
		clocks();
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	printf("status %x\n", status);
}

static void show(const char *what, int fd)
{
	char text[256];
	ssize_t n;

	if (fd < 0) {
		say(what, fd);
		return;
	}
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	printf("%s: %s\n", what, text);
	close(fd);
}

static void show_numbers(const char *what, int fd)
{
	char text[256];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	printf("%s: %d\n", what, atoi(text) == (int)syscall(SYS_gettid));
	close(fd);
}

static unsigned long inode(int ret, const struct stat *st)
{
	return ret ? 0 : st->st_ino;
}

static void names_of_thread(void)
{
	struct open_how how = { .flags = O_RDONLY };
	struct stat st, own;
	struct statx stx;
	char name[64], link[64];
	int fd, dir;
	FILE *stream;

	prctl(PR_SET_NAME, "mythread");
	show("open", open("/proc/thread-self/comm", O_RDONLY));
	show("open64", open64("/proc/thread-self/comm", O_RDONLY));
	show("openat", openat(AT_FDCWD, "/proc/thread-self/comm", O_RDONLY));
	show("openat2", (int)syscall(SYS_openat2, AT_FDCWD, "/proc/thread-self/comm", &how, sizeof(how)));
	show("by a link", open("to-comm", O_RDONLY));
	show("of the process", open("/proc/self/comm", O_RDONLY));
	show("nothing there", open("/proc/thread-self/none", O_RDONLY));
	show_numbers("stat", open("/proc/thread-self/stat", O_RDONLY));
	show_numbers("stat by a link", open("to-self/stat", O_RDONLY));
	dir = open("/proc", O_RDONLY | O_DIRECTORY);
	show("from /proc", openat(dir, "thread-self/comm", O_RDONLY));
	close(dir);
	dir = open("/proc/thread-self", O_PATH);
	show("from the directory", openat(dir, "comm", O_RDONLY));
	close(dir);
	stream = fopen("/proc/thread-self/comm", "r");
	printf("fopen: %s", stream && fgets(name, sizeof(name), stream) ? name : "nothing\n");
	fclose(stream);
	fd = open("/proc/thread-self/comm", O_WRONLY);
	say("rename", write(fd, "renamed", 7));
	close(fd);
	prctl(PR_GET_NAME, name);
	printf("renamed: %s\n", name);
	snprintf(link, sizeof(link), "/proc/self/task/%d", (int)syscall(SYS_gettid));
	stat(link, &own);
	printf("the same: %d", inode(stat("/proc/thread-self/", &st), &st) == own.st_ino);
	printf(" %d", inode(lstat("/proc/thread-self/", &st), &st) == own.st_ino);
	printf(" %d", inode(fstatat(AT_FDCWD, "/proc/thread-self", &st, 0), &st) == own.st_ino);
	printf(" %d", inode(stat("to-self", &st), &st) == own.st_ino);
	printf(" %d\n", !statx(AT_FDCWD, "/proc/thread-self", 0, STATX_INO, &stx) &&
	       stx.stx_ino == own.st_ino);
	say("no attribute", stat("/proc/thread-self/none", &st));
	say("task", stat(link, &st));
	say("a descriptor", stat("/proc/thread-self/fd/0", &st));
	say("/dev/fd", fd = open("/dev/fd/0", O_RDONLY));
	close(fd);
}

static void *thread(void *unused)
{
	names_of_thread();
	return unused;
}

static void names(void)
{
	pthread_t other;

	if (symlink("/proc/thread-self/comm", "to-comm") || symlink("/proc/thread-self", "to-self"))
		exit(2);
	pthread_create(&other, NULL, thread, NULL);
	pthread_join(other, NULL);
	names_of_thread();
}

/* Only the processes of a session can open its terminal as /dev/tty. */
static void own_terminal(void)
{
	int master, slave, status;
	char text[16] = "";

	openpty(&master, &slave, NULL, NULL, NULL);
	fflush(stdout);
	if (!fork()) {
		int fd;

		say("no terminal", open("/dev/tty", O_RDWR) < 0 ? 0 : 1);
		setsid();
		say("of no session", open("/dev/tty", O_RDWR));
		close(open(ttyname(slave), O_RDWR));
		fd = open("/dev/tty", O_RDWR);
		say("written", write(fd, "hello", 5));
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	printf("it has: %d %.5s\n", (int)read(master, text, 5), text);
	close(master);
	close(slave);
}

static void children(void)
{
	siginfo_t info = { .si_pid = -7 };
	pid_t pid = fork();
	int fd;

	if (!pid)
		for (;;)
			pause();
	fd = (int)syscall(SYS_pidfd_open, pid, O_NONBLOCK);
	say("waitid, non-blocking", waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	printf("told of %d\n", info.si_pid);
	info.si_pid = -7;
	say("waitid, that need not wait", waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG));
	printf("told of %d\n", info.si_pid);
	kill(pid, SIGKILL);
	fcntl(fd, F_SETFL, 0);
	say("waitid, blocking", waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOWAIT));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	say("waitid, ended", waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	printf("told of it: %d\n", info.si_pid == pid);
	say("waitid, none", waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	close(fd);
}

static pid_t other_child;

static void *other_parent(void *unused)
{
	other_child = fork();
	if (!other_child)
		_exit(0);
	pause_ms(300);
	return unused;
}

/* With __WNOTHREAD, a child of another thread is not ours. */
static void threads_children(void)
{
	pthread_t other;

	pthread_create(&other, NULL, other_parent, NULL);
	pause_ms(100);
	say("a child of this thread", waitpid(-1, NULL, __WNOTHREAD));
	say("of the process", waitpid(-1, NULL, 0) == other_child);
	pthread_join(other, NULL);
}

/* One event wakes only one of several exclusive waiters, also when edge-triggered. */
static void exclusive(unsigned events)
{
	enum { WAITERS = 4 };
	volatile int *woken = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[WAITERS];
	int p[2];

	if (pipe(p))
		exit(2);
	for (int i = 0; i < WAITERS; i++) {
		struct epoll_event event = { EPOLLIN | EPOLLEXCLUSIVE | events, { 0 } };
		int channel;

		pids[i] = fork();
		if (pids[i])
			continue;
		channel = epoll_create1(0);
		epoll_ctl(channel, EPOLL_CTL_ADD, p[0], &event);
		if (epoll_wait(channel, &event, 1, -1) == 1)
			__sync_fetch_and_add(woken, 1);
		_exit(0);
	}
	pause_ms(300);
	for (int round = 1; round <= 2; round++) {
		char c;

		if (write(p[1], "x", 1) != 1)
			exit(2);
		pause_ms(100);
		printf("woken: %d\n", *woken);
		if (read(p[0], &c, 1) != 1)
			exit(2);
	}
	for (int i = 0; i < WAITERS; i++) {
		kill(pids[i], SIGKILL);
		syscall(SYS_wait4, pids[i], NULL, 0, NULL);
	}
	close(p[0]);
	close(p[1]);
}

/* A signalfd reports the signals of the thread that reads it. */
static void signals_pending(void)
{
	struct epoll_event event = { EPOLLIN, { 0 } };
	struct pollfd fds[2];
	struct timeval time = { 0, 100000 };
	struct signalfd_siginfo info;
	sigset_t mask;
	int fd, channel = epoll_create1(0);
	fd_set in;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	fd = signalfd(-1, &mask, SFD_NONBLOCK);
	epoll_ctl(channel, EPOLL_CTL_ADD, fd, &event);
	fds[0] = (struct pollfd){ fd, POLLIN, 0 };
	fds[1] = (struct pollfd){ channel, POLLIN, 0 };
	for (int pending = 0; pending < 2; pending++) {
		if (pending)
			raise(SIGUSR2);
		say("poll", poll(fds, 2, 100));
		printf("events %x %x\n", fds[0].revents, fds[1].revents);
		FD_ZERO(&in);
		FD_SET(fd, &in);
		say("select", select(fd + 1, &in, NULL, NULL, &time));
		say("epoll_wait", epoll_wait(channel, &event, 1, 100));
		say("read", read(fd, &info, sizeof(info)));
	}
	close(fd);
	close(channel);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Calls on files that never wait must never fail with EINTR. */
static void under_signals(void)
{
	struct sigaction act = { .sa_handler = on_alarm };
	const struct itimerval often = { { 0, 300 }, { 0, 300 } }, never = { { 0, 0 }, { 0, 0 } };
	int ended[5] = { 0 }, p[2], q[2], keep, file, fd;
	char c[8];

	mkfifo("fifo", 0600);
	keep = open("fifo", O_RDWR);
	file = open("file", O_RDWR | O_CREAT, 0600);
	if (write(file, "01234567", 8) != 8 || pipe2(p, O_NONBLOCK) || pipe2(q, O_NONBLOCK))
		exit(2);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 1500; i++) {
		off_t at = 0;

		ended[0] += (fd = open("file", O_RDONLY)) < 0;
		close(fd);
		ended[1] += (fd = open("new", O_RDWR | O_CREAT | O_EXCL, 0600)) < 0;
		close(fd);
		unlink("new");
		ended[2] += (fd = open("fifo", O_WRONLY)) < 0;
		close(fd);
		fcntl(p[1], F_SETFL, 0);
		fcntl(p[0], F_SETFL, 0);
		fcntl(q[1], F_SETFL, 0);
		ended[3] += splice(file, &at, p[1], NULL, 8, 0) != 8;
		ended[4] += tee(p[0], q[1], 8, 0) != 8;
		fcntl(p[0], F_SETFL, O_NONBLOCK);
		while (read(p[0], c, sizeof(c)) > 0 || read(q[0], c, sizeof(c)) > 0)
			;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	printf("ended: open %d, creating %d, fifo %d, splice %d, tee %d\n", ended[0], ended[1], ended[2],
	       ended[3], ended[4]);
	close(keep);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	clocks();
	names();
	own_terminal();
	children();
	threads_children();
	exclusive(0);
	exclusive(EPOLLET);
	signals_pending();
	under_signals();
	time_namespace(100000);
	return 0;
}

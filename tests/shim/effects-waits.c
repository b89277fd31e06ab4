/* SPDX-License-Identifier: MIT */
/* Effects of waits: on events that are reported once, and on children; the duration of sleeps. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include "effects.h"

/* Fills the sets: both ends for reading, the second also for writing. */
static void ask_both(const int *ends, fd_set *in, fd_set *out)
{
	FD_ZERO(in);
	FD_ZERO(out);
	FD_SET(ends[0], in);
	FD_SET(ends[1], in);
	FD_SET(ends[1], out);
}

static void polls(void)
{
	struct timespec soon = { 1, 0 };
	struct timeval soon_too = { 1, 0 };
	struct pollfd fds[2] = { { -1, POLLIN, 99 }, { 0, POLLIN | POLLOUT, 0 } };
	fd_set in, out;
	int ends[2], count;

	need(!pipe(ends) && raw_write(ends[1], "abc", 3) == 3, "pipe");
	fds[1].fd = ends[0];
#define READY(name_, call_) do { \
	long ret_ = (call_); \
	raw3(SYS_ioctl, ends[0], FIONREAD, (long)&count); \
	saw(#name_, "nothing is taken", "%s %x %x, in the pipe %d", result(ret_), fds[0].revents, \
	    fds[1].revents, count); \
} while (0)
	READY(poll, poll(fds, 2, 1000));
	READY(ppoll, ppoll(fds, 2, &soon, NULL));
	ask_both(ends, &in, &out);
	READY(select, select(ends[1] + 1, &in, &out, NULL, &soon_too));
	saw("select", "sets and time", "%d %d %d, time left %d", FD_ISSET(ends[0], &in), FD_ISSET(ends[1], &in),
	    FD_ISSET(ends[1], &out), soon_too.tv_sec > 0 || soon_too.tv_usec > 900000);
	ask_both(ends, &in, &out);
	READY(pselect, pselect(ends[1] + 1, &in, &out, NULL, &soon, NULL));
	saw("pselect", "sets and time", "%d %d %d, time %ld", FD_ISSET(ends[0], &in), FD_ISSET(ends[1], &in),
	    FD_ISSET(ends[1], &out), (long)soon.tv_sec);
#undef READY
	close(ends[0]);
	close(ends[1]);
}

/* An event that is reported once is reported once only, whichever call reports it. */
static void epolls(void)
{
	struct timespec none = { 0, 0 };
	struct epoll_event events[4], once = { .events = EPOLLIN | EPOLLONESHOT, .data.u32 = 1 };
	struct epoll_event edge = { .events = EPOLLIN | EPOLLET, .data.u32 = 2 };
	int epoll = epoll_create1(0), a = eventfd(1, 0), b = eventfd(1, 0);

#define EVENTS(name_, call_) do { \
	long ret_; \
	epoll_ctl(epoll, EPOLL_CTL_ADD, a, &once); \
	epoll_ctl(epoll, EPOLL_CTL_ADD, b, &edge); \
	memset(events, 0, sizeof(events)); \
	ret_ = (call_); \
	saw(#name_, "events", "%s: %u %u", result(ret_), events[0].data.u32, events[1].data.u32); \
	saw(#name_, "events once more", "%ld", raw6(SYS_epoll_pwait, epoll, (long)events, 4, 0, 0, 0)); \
	epoll_ctl(epoll, EPOLL_CTL_DEL, a, NULL); \
	epoll_ctl(epoll, EPOLL_CTL_DEL, b, NULL); \
} while (0)
	EVENTS(epoll_wait, epoll_wait(epoll, events, 4, 1000));
	EVENTS(epoll_wait, epoll_wait(epoll, events, 4, 0));
	EVENTS(epoll_pwait, epoll_pwait(epoll, events, 4, 1000, NULL));
	EVENTS(epoll_pwait2, epoll_pwait2(epoll, events, 4, &none, NULL));
#undef EVENTS
	close(epoll);
	close(a);
	close(b);
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* A sleep must never be too short. No test limits how long it is. */
static void sleeps(void)
{
	const struct timespec time = { 0, 20000000 };
	struct timespec then;
	int64_t began;

#define SLEEP(name_, ns, call_) do { \
	long ret_ = (began = now(), call_); \
	saw(#name_, "time", "%ld, long enough %d", ret_, now() - began >= (ns)); \
} while (0)
	SLEEP(nanosleep, 20000000, nanosleep(&time, NULL));
	SLEEP(clock_nanosleep, 20000000, clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL));
	clock_gettime(CLOCK_MONOTONIC, &then);
	then.tv_sec++;
	SLEEP(clock_nanosleep, then.tv_sec * 1000000000ll + then.tv_nsec - began,
	      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL));
	SLEEP(usleep, 20000000, usleep(20000));
	SLEEP(sleep, 1000000000, sleep(1));
#undef SLEEP
}

/* Makes a child that uses some memory and CPU time and exits with 3. */
static pid_t child(void)
{
	pid_t pid = fork();
	volatile char *memory;

	if (pid)
		return pid;
	memory = malloc(1 << 22);
	for (int i = 0; i < 1 << 22; i += 4096)
		memory[i] = 1;
	_exit(3);
}

/* Checks that the child is gone, and that its usage is added to that of waited-for children. */
static void reaped(const char *call, pid_t pid, long ret, int status)
{
	struct rusage before, after;
	siginfo_t info = { 0 };
	long more;

	getrusage(RUSAGE_CHILDREN, &before);
	more = raw6(SYS_waitid, P_PID, pid, (long)&info, WEXITED | WNOHANG, 0, 0);
	getrusage(RUSAGE_CHILDREN, &after);
	saw(call, "child", "%d status %x, waited for again %s, counted before that %d", ret == pid || ret == 0,
	    status, more == -ECHILD ? "none" : "done", before.ru_minflt == after.ru_minflt && after.ru_minflt > 1000);
}

static void children(void)
{
	siginfo_t info = { 0 };
	int status = 0;
	pid_t pid;

	pid = child();
	saw("waitid", "result", "%s", result(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT)));
	saw("waitid", "child stays", "%d %d %d, there %ld", info.si_pid == pid, info.si_code, info.si_status,
	    raw3(SYS_kill, pid, 0, 0));
	reaped("waitid", pid, waitid(P_PID, (id_t)pid, &info, WEXITED), info.si_status);
	pid = child();
	reaped("waitpid", pid, waitpid(pid, &status, 0), status);
	pid = child();
	reaped("wait4", pid, wait4(pid, &status, 0, NULL), status);
	pid = child();
	reaped("wait", pid, wait(&status), status);
}

void waits(void)
{
	polls();
	epolls();
	sleeps();
	children();
}

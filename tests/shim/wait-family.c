/* SPDX-License-Identifier: MIT */
/*
 * Tests the wait family: every call by all its names, in every way it can end. Prints the same
 * natively, by ring and directly. Times are in steps of 80 ms; a killed child can take 20 ms more
 * (ringshim(7)).
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MS = 80, MS = 1000000 };

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double began;

static long begin(void)
{
	errno = 0;
	began = now_ms();
	return 0;
}

static void set_alarm(long ms)
{
	struct timeval every = { 0, ms * 1000 };

	setitimer(ITIMER_REAL, &(struct itimerval){ every, every }, NULL);
}

static void say(const char *what, long res)
{
	int err = errno;
	int steps = (int)((now_ms() - began + STEP_MS / 2) / STEP_MS);

	set_alarm(0);
	printf("%s = %ld", what, res);
	if (err)
		printf(" %s", strerrorname_np(err));
	printf(", %d steps\n", steps);
}

/* Prints the result of an expression, errno, and its duration. */
#define SAY(call) say(#call, begin() + (long)(call))

static void on_alarm(int sig)
{
}

/*
 * Arranges a signal two steps from now. Others follow until the call has ended: on a busy machine the
 * first can come before the call waits.
 */
static void alarm_soon(int flags)
{
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = flags };

	sigaction(SIGALRM, &act, NULL);
	set_alarm(2L * STEP_MS);
}

/* An unmapped address, hidden from the compiler. */
static void *volatile nowhere = (void *)8;

static int one[2], two[2], pair[2], channel;
static const struct timespec two_steps = { 0, 2 * STEP_MS * MS };

static void put(int fd)
{
	if (write(fd, "x", 1) != 1)
		exit(2);
}

static void get(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		exit(2);
}

static void say_events(const struct pollfd *fds, int count)
{
	for (int i = 0; i < count; i++)
		printf("  events %d: %x\n", i, fds[i].revents);
}

static void polls(void)
{
	struct pollfd fds[3] = {
		{ one[0], POLLIN, 0 }, { two[0], POLLIN, 0 }, { pair[0], POLLIN | POLLOUT, 0 },
	};
	struct pollfd odd[2] = { { 999, POLLIN, 0 }, { -3, POLLIN, 77 } };
	sigset_t none;

	sigemptyset(&none);
	SAY(poll(fds, 2, 0));
	SAY(poll(fds, 2, 2 * STEP_MS));
	SAY(poll(fds, 3, 10 * STEP_MS));
	say_events(fds, 3);
	put(one[1]);
	put(two[1]);
	SAY(poll(fds, 2, -1));
	say_events(fds, 2);
#ifdef SYS_poll
	SAY(syscall(SYS_poll, fds, 2, -1));
#endif
	get(one[0]);
	get(two[0]);
	SAY(poll(odd, 2, 10 * STEP_MS));
	say_events(odd, 2);
	SAY(poll(odd + 1, 1, 2 * STEP_MS));
	say_events(odd + 1, 1);
	SAY(poll(NULL, 0, 2 * STEP_MS));
	SAY(poll(nowhere, 1, 0));
	alarm_soon(0);
	SAY(poll(fds, 2, 20 * STEP_MS));
	alarm_soon(SA_RESTART);
	SAY(poll(fds, 2, 20 * STEP_MS));
	SAY(ppoll(fds, 1, &two_steps, NULL));
	SAY(ppoll(fds, 1, &two_steps, &none));
	shutdown(pair[1], SHUT_WR);
	fds[2].events = 0;
	SAY(poll(fds + 2, 1, 2 * STEP_MS));
	fds[2].events = POLLRDHUP;
	SAY(poll(fds + 2, 1, 2 * STEP_MS));
	say_events(fds + 2, 1);
}

/* A hang-up, which no set asks for, must not end the wait for another event. */
static void select_hang_up(void)
{
	struct timeval time = { 2, 0 };
	fd_set in, except;
	int ended[2];

	if (pipe(ended))
		exit(2);
	close(ended[1]);
	FD_ZERO(&in);
	FD_ZERO(&except);
	FD_SET(one[0], &in);
	FD_SET(ended[0], &except);
	if (!fork()) {
		usleep(2 * STEP_MS * 1000);
		put(one[1]);
		_exit(0);
	}
	SAY(select(100, &in, NULL, &except, &time));
	printf("  in %d except %d\n", FD_ISSET(one[0], &in) != 0, FD_ISSET(ended[0], &except) != 0);
	get(one[0]);
	wait(NULL);
	close(ended[0]);
}

static fd_set *only(fd_set *set, int fd)
{
	FD_ZERO(set);
	FD_SET(fd, set);
	return set;
}

static void selects(void)
{
	struct timeval time = { 0, 2 * STEP_MS * 1000 };
	fd_set in, out;

	SAY(select(one[0] + 1, only(&in, one[0]), NULL, NULL, &time));
	printf("  in %d, left %ld us\n", FD_ISSET(one[0], &in) != 0, (long)time.tv_usec);
	time.tv_sec = 1;
	SAY(select(one[1] + 1, only(&in, one[0]), only(&out, one[1]), NULL, &time));
	printf("  in %d out %d\n", FD_ISSET(one[0], &in) != 0, FD_ISSET(one[1], &out) != 0);
	time = (struct timeval){ 0, 2 * STEP_MS * 1000 };
	SAY(select(60, only(&in, 59), NULL, NULL, &time));
	SAY(select(-1, NULL, NULL, NULL, NULL));
	time = (struct timeval){ 0, 2 * STEP_MS * 1000 };
	SAY(select(0, NULL, NULL, NULL, &time));
	alarm_soon(SA_RESTART);
	time = (struct timeval){ 1, 0 };
	SAY(select(one[0] + 1, only(&in, one[0]), NULL, NULL, &time));
	printf("  in %d\n", FD_ISSET(one[0], &in) != 0);
	SAY(pselect(one[0] + 1, only(&in, one[0]), NULL, NULL, &two_steps, NULL));
	select_hang_up();
}

static void epolls(void)
{
	struct epoll_event event = { EPOLLIN, { .u64 = 7 } }, got[4];

	epoll_ctl(channel, EPOLL_CTL_ADD, one[0], &event);
	SAY(epoll_wait(channel, got, 4, 0));
	SAY(epoll_wait(channel, got, 4, 2 * STEP_MS));
	put(one[1]);
	SAY(epoll_wait(channel, got, 4, -1));
	printf("  %x %d\n", got[0].events, (int)got[0].data.u64);
	SAY(epoll_pwait(channel, got, 4, 20 * STEP_MS, NULL));
	SAY(epoll_pwait2(channel, got, 4, &two_steps, NULL));
	get(one[0]);
	SAY(epoll_pwait2(channel, got, 4, &two_steps, NULL));
	SAY(epoll_wait(channel, got, 0, 0));
	SAY(epoll_wait(one[0], got, 4, 0));
	SAY(epoll_wait(999, got, 4, 0));
	SAY(epoll_wait(channel, nowhere, 4, 0));
	alarm_soon(SA_RESTART);
	SAY(epoll_wait(channel, got, 4, 20 * STEP_MS));
	alarm_soon(0);
	SAY(epoll_pwait(channel, got, 4, 20 * STEP_MS, NULL));
}

static void sleeps(void)
{
	const struct timespec wrong = { 0, 1000000000 }, negative = { -1, 0 }, long_ = { 1, 0 };
	struct timespec rem = { 9, 9 }, at;

	SAY(nanosleep(&two_steps, &rem));
	printf("  left %ld\n", rem.tv_nsec);
	alarm_soon(SA_RESTART);
	SAY(nanosleep(&long_, &rem));
	printf("  left %d\n", rem.tv_sec == 0 && rem.tv_nsec > 500 * MS);
	SAY(nanosleep(&wrong, NULL));
	SAY(nanosleep(&negative, NULL));
	SAY(nanosleep(nowhere, NULL));
	SAY(clock_nanosleep(CLOCK_MONOTONIC, 0, &two_steps, NULL));
	alarm_soon(0);
	SAY(clock_nanosleep(CLOCK_REALTIME, 0, &long_, &rem));
	SAY(clock_nanosleep(77, 0, &two_steps, NULL));
	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec -= 1;
	SAY(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL));
	SAY(usleep(2 * STEP_MS * 1000));
	alarm_soon(SA_RESTART);
	SAY(usleep(900000));
	alarm_soon(0);
	SAY(sleep(2));
}

static pid_t child(int how, int steps)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (steps)
		usleep((useconds_t)steps * STEP_MS * 1000);
	if (how < 0)
		raise(-how);
	_exit(how < 0 ? 9 : how);
}

static void children(void)
{
	struct rusage usage;
	siginfo_t info = { 0 };
	int status = -1, *bad = (int *)8;
	pid_t pid;

	SAY(waitpid(-1, &status, 0));
	pid = child(3, 0);
	SAY(waitpid(pid, &status, 0) == pid);
	printf("  status %x\n", status);
	pid = child(-SIGKILL, 0);
	SAY(wait(&status) == pid);
	printf("  status %x\n", status);
	pid = child(4, 2);
	SAY(waitpid(-1, &status, WNOHANG));
	SAY(wait4(pid, &status, 0, NULL) == pid);
	printf("  status %x\n", status);
	pid = child(-SIGSTOP, 0);
	SAY(waitpid(pid, &status, WUNTRACED) == pid);
	printf("  status %x\n", status);
	kill(pid, SIGCONT);
	SAY(waitpid(0, &status, 0) == pid);
	printf("  status %x\n", status);
	pid = child(6, 6);
	alarm_soon(0);
	SAY(waitpid(pid, &status, 0));
	alarm_soon(SA_RESTART);
	SAY(waitpid(pid, &status, 0) == pid);
	printf("  status %x\n", status);
	pid = child(7, 0);
	SAY(waitid(P_PID, (id_t)pid, &info, WEXITED));
	printf("  %d %d\n", info.si_pid == pid, info.si_status);
	SAY(waitid(99, 0, NULL, WEXITED));
	pid = child(8, 0);
	SAY(wait4(pid, &status, 0, &usage) == pid);
	/* The status is not stored. */
	pid = child(9, 2);
	SAY(waitpid(pid, bad, WNOHANG));
	SAY(waitpid(pid, bad, 0));
	SAY(waitpid(pid, &status, 0));
	pid = child(10, 0);
	SAY(wait4(pid, bad, 0, NULL));
}

int main(void)
{
	channel = epoll_create1(0);
	if (pipe(one) || pipe(two) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || channel < 0)
		return 2;
	polls();
	selects();
	epolls();
	sleeps();
	fflush(stdout);
	children();
	return 0;
}

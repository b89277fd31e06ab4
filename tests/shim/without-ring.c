/* SPDX-License-Identifier: MIT */
/*
 * Small tests of what breaks a straightforward shim: fork with a ring, a handler that writes while
 * its thread waits, non-blocking descriptors, all descriptors closed by close_range. Prints a line
 * for each case.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int wake[2];

static void on_alarm(int sig)
{
	if (write(wake[1], "from the handler", 16) != 16)
		_exit(1);
}

static void handler_writes(void)
{
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	char buf[32] = "";

	if (pipe(wake) || sigaction(SIGALRM, &act, NULL))
		_exit(1);
	alarm(1);
	printf("handler: %zd %s\n", read(wake[0], buf, sizeof(buf)), buf);
}

static void child_reads_on(void)
{
	int fds[2];
	char buf[16] = "";
	int status;
	pid_t pid;

	if (pipe(fds) || write(fds[1], "before", 6) != 6)
		_exit(1);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (read(fds[0], buf, 3) != 3 || strcmp(buf, "bef"))
			_exit(1);
		_exit(write(fds[1], "child", 5) == 5 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	printf("fork: %d %zd %s\n", status, read(fds[0], buf, sizeof(buf)), buf);
}

static void nonblocking(void)
{
	int fds[2];
	char buf[16];
	ssize_t ret;

	if (pipe2(fds, O_NONBLOCK))
		_exit(1);
	ret = read(fds[0], buf, sizeof(buf));
	printf("nonblocking: %zd %s\n", ret, ret < 0 ? strerror(errno) : "-");
}

static void closed_over(void)
{
	int lowest;

	close_range(3, ~0u, 0);
	lowest = open("/dev/null", O_WRONLY);
	printf("closed: lowest %d, write %zd\n", lowest, write(lowest, "x", 1));
}

int main(void)
{
	handler_writes();
	child_reads_on();
	nonblocking();
	closed_over();
	return 0;
}

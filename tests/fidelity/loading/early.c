/* SPDX-License-Identifier: MIT */
/*
 * A library that does I/O in its constructor and destructor. It reports to a file, because standard
 * output is closed by its end, and at its start there is not even an environment.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int io_works(void)
{
	char in[8] = "";
	int p[2], ok, fd;

	if (pipe(p))
		return 0;
	ok = write(p[1], "early", 5) == 5 && read(p[0], in, 8) == 5 && !strcmp(in, "early");
	close(p[0]);
	close(p[1]);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p))
		return 0;
	ok = ok && send(p[0], "x", 1, 0) == 1 && recv(p[1], in, 1, 0) == 1;
	close(p[0]);
	close(p[1]);
	fd = open("/dev/zero", O_RDONLY);
	ok = ok && pread(fd, in, 4, 0) == 4 && in[0] == 0;
	close(fd);
	return ok;
}

static void *body(void *arg)
{
	return io_works() ? arg : NULL;
}

static void on_signal(int sig)
{
}

static int all_works(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, old;
	pthread_t thread;
	void *result = NULL;
	int status = 0;
	pid_t pid;

	if (!io_works() || pthread_create(&thread, NULL, body, &status))
		return 0;
	pthread_join(thread, &result);
	if (sigaction(SIGUSR2, &sa, NULL) || sigaction(SIGUSR2, NULL, &old) ||
	    old.sa_handler != on_signal || raise(SIGUSR2))
		return 0;
	pid = fork();
	if (pid == 0)
		_exit(io_works() ? 7 : 8);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return result && WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

static void say(const char *when)
{
	char line[64];
	int fd = open("early.report", O_WRONLY | O_CREAT | O_APPEND, 0600);

	strcpy(line, when);
	strcat(line, all_works() ? ": ok\n" : ": WRONG\n");
	if (write(fd, line, strlen(line)) < 0)
		abort();
	close(fd);
}

__attribute__((constructor(101))) static void first(void)
{
	say("first constructor");
}

__attribute__((constructor)) static void constructor(void)
{
	say("constructor");
}

__attribute__((destructor)) static void destructor(void)
{
	say("destructor");
}

__attribute__((destructor(101))) static void last(void)
{
	say("last destructor");
}

void early_say(const char *when)
{
	say(when);
}

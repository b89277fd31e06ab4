/* SPDX-License-Identifier: MIT */
/*
 * A plain program that does a little of each kind of I/O and reports the results; the hostile and
 * loading tests run it. A single file, so that it can be built static, for 32 bits, or with a
 * loader of its own.
 *
 * work [FILE]: the report goes to FILE instead of standard output.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *out;
static volatile sig_atomic_t hits;

static void say(const char *what, int ok)
{
	fprintf(out, "%s %s\n", what, ok ? "ok" : "WRONG");
}

static int pipe_works(void)
{
	char in[300], text[300];
	int p[2], ok;

	memset(text, 'p', sizeof(text));
	if (pipe(p))
		return 0;
	ok = write(p[1], text, sizeof(text)) == sizeof(text) &&
		read(p[0], in, sizeof(in)) == sizeof(in) && !memcmp(in, text, sizeof(in));
	close(p[0]);
	close(p[1]);
	return ok;
}

static int file_works(void)
{
	char name[] = "work.XXXXXX", in[16] = "";
	struct iovec v[2] = { { in, 3 }, { in + 3, 8 } };
	int fd = mkstemp(name), ok;
	struct stat st;

	if (fd < 0)
		return 0;
	ok = write(fd, "hello world", 11) == 11 && pwrite(fd, "H", 1, 0) == 1 && !fsync(fd) &&
		pread(fd, in, 5, 6) == 5 && !strcmp(in, "world") && lseek(fd, 0, SEEK_SET) == 0 &&
		readv(fd, v, 2) == 11 && !strcmp(in, "Hello world") && !fdatasync(fd) &&
		!ftruncate(fd, 3) && !fstat(fd, &st) && st.st_size == 3;
	close(fd);
	return !unlink(name) && ok;
}

static void *answer(void *arg)
{
	char in[8] = "";
	int fd = accept(*(int *)arg, NULL, NULL);

	if (fd >= 0 && recv(fd, in, sizeof(in), 0) == 4)
		send(fd, "pong", 4, 0);
	close(fd);
	return NULL;
}

static int tcp_works(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	pthread_t thread;
	char text[8] = "";
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0), ok;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (void *)&in, sizeof(in)) || listen(listener, 4) ||
	    getsockname(listener, (void *)&in, &len) ||
	    pthread_create(&thread, NULL, answer, &listener))
		return 0;
	ok = !connect(fd, (void *)&in, sizeof(in)) && send(fd, "ping", 4, 0) == 4 &&
		recv(fd, text, sizeof(text), 0) == 4 && !strcmp(text, "pong");
	pthread_join(thread, NULL);
	close(fd);
	close(listener);
	return ok;
}

static int child_works(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(pipe_works() ? 7 : 8);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

static void on_alarm(int sig)
{
	hits++;
}

static int signal_works(void)
{
	/* It ticks again in case that the first tick comes before the call. */
	struct itimerval soon = { { 0, 50000 }, { 0, 50000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction sa = { .sa_handler = on_alarm };
	char c;
	int p[2], ok;

	if (pipe(p))
		return 0;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	ok = read(p[0], &c, 1) == -1 && errno == EINTR && hits > 0;
	setitimer(ITIMER_REAL, &never, NULL);
	close(p[0]);
	close(p[1]);
	return ok;
}

static int stdio_works(void)
{
	char line[32] = "";
	FILE *f = tmpfile();
	int ok;

	if (!f)
		return 0;
	fprintf(f, "line %d\n", 1);
	rewind(f);
	ok = fgets(line, sizeof(line), f) && !strcmp(line, "line 1\n");
	fclose(f);
	return ok;
}

int main(int argc, char **argv)
{
	out = argc > 1 ? fopen(argv[1], "w") : stdout;
	if (!out)
		return 2;
	say("pipe", pipe_works());
	say("file", file_works());
	say("tcp", tcp_works());
	fflush(out);
	say("child", child_works());
	say("signal", signal_works());
	say("stdio", stdio_works());
	return fclose(out) != 0;
}

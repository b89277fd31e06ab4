/* SPDX-License-Identifier: MIT */
/*
 * Does I/O whose results a memory checking tool judges, and waits in two threads. Prints the same
 * natively and under the library, also under such a tool.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int pipes[2], ends[2];

static void *waits(void *arg)
{
	char c = 0;

	/* Waits while the first thread waits. */
	if (read(pipes[0], &c, 1) != 1)
		c = '?';
	if (write(ends[1], &c, 1) != 1)
		c = '!';
	return (void *)(long)c;
}

static void on_signal(int sig)
{
	if (write(pipes[1], "s", 1) != 1)
		_exit(1);
}

/* Reads each byte on the heap, where such tools track initialisation. */
static void say(const char *what, const char *bytes, ssize_t count)
{
	int sum = 0;

	for (ssize_t i = 0; i < count; i++)
		sum += bytes[i] > '4' ? bytes[i] - '0' : 1;
	printf("%s: %zd, %d\n", what, count, sum);
}

static void transfers(char *buf)
{
	char *second = malloc(16);
	struct iovec iov = { second, 10 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int file = open("file", O_CREAT | O_RDWR | O_TRUNC, 0600), sockets[2];
	FILE *stream;

	say("write", buf, write(file, "0123456789", 10));
	say("pread", buf, pread(file, buf, 10, 0));
	lseek(file, 0, SEEK_SET);
	say("readv", second, readv(file, &iov, 1));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		exit(1);
	say("send", buf, send(sockets[0], buf, 10, 0));
	say("recvmsg", second, recvmsg(sockets[1], &msg, 0));
	printf("fsync: %d\n", fsync(file));
	stream = fopen("file", "r");
	say("fgets", buf, fgets(buf, 16, stream) ? (ssize_t)strlen(buf) : -1);
	fclose(stream);
	free(second);
}

int main(void)
{
	char *buf = calloc(1, 16);
	pthread_t thread;
	void *result;

	setvbuf(stdout, NULL, _IOLBF, 0);
	transfers(buf);
	if (pipe(pipes) || pipe(ends) || pthread_create(&thread, NULL, waits, NULL))
		return 1;
	signal(SIGALRM, on_signal);
	alarm(1);
	say("read", buf, read(ends[0], buf, 1));
	pthread_join(thread, &result);
	printf("thread: %c\n", (char)(long)result);
	free(buf);
	return 0;
}

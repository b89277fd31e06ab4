/* SPDX-License-Identifier: MIT */
/*
 * Makes calls that run in an io-wq worker, and follows each by a close that natively is the last
 * one of the file, in the same thread or, with the argument "threads", in another one. "loop N":
 * prints how often of N the peer does not see the end of a socket then.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FD = 100 };

static void at_fd(int fd)
{
	if (fd < 0 || dup2(fd, FD) != FD || close(fd))
		_exit(2);
}

static int socket_at_fd(void)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		_exit(2);
	at_fd(fds[0]);
	return fds[1];
}

static void file_at_fd(void)
{
	at_fd(open("synced", O_RDWR | O_CREAT, 0600));
}

static void *shut(void *unused)
{
	if (shutdown(FD, SHUT_RD))
		perror("shutdown");
	return unused;
}

static void *sync_data(void *unused)
{
	if (fdatasync(FD))
		perror("fdatasync");
	return unused;
}

static void *sync_all(void *unused)
{
	if (fsync(FD))
		perror("fsync");
	return unused;
}

static void run(int threads, void *(*call)(void *))
{
	pthread_t thread;

	if (!threads)
		call(NULL);
	else if (pthread_create(&thread, NULL, call, NULL) || pthread_join(thread, NULL))
		_exit(2);
	close(FD);
}

static int loop(int times)
{
	int late = 0;
	char c;

	for (int i = 0; i < times; i++) {
		int peer = socket_at_fd();

		run(0, shut);
		late += recv(peer, &c, 1, MSG_DONTWAIT) != 0;
		close(peer);
	}
	printf("%d of %d late\n", late, times);
	return 0;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 && !strcmp(argv[1], "threads");

	if (argc > 2)
		return loop(atoi(argv[2]));
	close(socket_at_fd());
	run(threads, shut);
	file_at_fd();
	run(threads, sync_data);
	file_at_fd();
	run(threads, sync_all);
	return 0;
}

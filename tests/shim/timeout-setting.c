/* SPDX-License-Identifier: MIT */
/*
 * Tests blocking calls that nothing ends. With RINGSHIM_TIMEOUT they end in time, with the error of
 * a native timeout. "loop N": reads one file N times instead.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(const char *what, long res)
{
	printf("%s = %ld%s%s\n", what, res, res < 0 ? " " : "", res < 0 ? strerrorname_np(errno) : "");
}

#define SAY(call) say(#call, (long)(call))

static struct sockaddr_in address;

static int listener(int backlog)
{
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, len) || listen(fd, backlog) ||
	    getsockname(fd, (struct sockaddr *)&address, &len))
		exit(2);
	return fd;
}

static int connected(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int ret = connect(fd, (struct sockaddr *)&address, sizeof(address));

	return ret;
}

static void waits(void)
{
	static char much[1 << 20];
	struct pollfd ready = { .events = POLLIN };
	int ends[2], pair[2], silent, full;

	if (pipe(ends) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		exit(2);
	silent = listener(5);
	SAY(read(ends[0], much, 1));
	SAY(recv(pair[0], much, 1, 0));
	SAY(accept(silent, NULL, NULL));
	SAY(write(ends[1], much, 1 << 20));
	SAY(write(ends[1], much, 1 << 20));
	ready.fd = pair[0];
	SAY(poll(&ready, 1, -1));
	full = listener(0);
	SAY(connected());
	/* The backlog is now full: nobody answers. */
	SAY(connected());
	close(full);
}

static void reads(long count, const char *path)
{
	int fd = open(path, O_RDONLY);
	long sum = 0;
	char buf[512];

	for (long i = 0; i < count; i++)
		sum += pread(fd, buf, sizeof(buf), 0);
	printf("%ld\n", sum);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "loop")) {
		reads(atol(argv[2]), argv[3]);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "credentials")) {
		reads(10, argv[2]);
		if (setgid(getgid()))
			return 2;
		reads(10, argv[2]);
		return 0;
	}
	waits();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Makes the basic I/O calls by all their names, on a file, a pipe and a loopback connection. Prints
 * to standard error what they returned and transferred. Usage: basic-calls FILE
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t __read(int fd, void *buf, size_t count);
ssize_t __write(int fd, const void *buf, size_t count);
ssize_t __read_chk(int fd, void *buf, size_t count, size_t size);
ssize_t __pread64(int fd, void *buf, size_t count, off64_t offset);
ssize_t __pread_chk(int fd, void *buf, size_t count, off_t offset, size_t size);
ssize_t __pread64_chk(int fd, void *buf, size_t count, off64_t offset, size_t size);
int __connect(int fd, const struct sockaddr *addr, socklen_t len);

static char buf[64];

static void say(const char *name, long ret)
{
	fprintf(stderr, "%s %ld %s %.*s\n", name, ret, ret < 0 ? strerror(errno) : "-",
		ret > 0 ? (int)ret : 0, buf);
	memset(buf, 0, sizeof(buf));
}

static void file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	say("write", write(fd, "abcdefghij", 10));
	say("__write", __write(fd, "klmnopqrst", 10));
	say("fsync", fsync(fd));
	say("fdatasync", fdatasync(fd));
	say("pread", pread(fd, buf, 3, 1));
	say("pread64", pread64(fd, buf, 3, 2));
	say("__pread64", __pread64(fd, buf, 3, 3));
	say("__pread_chk", __pread_chk(fd, buf, 3, 4, sizeof(buf)));
	say("__pread64_chk", __pread64_chk(fd, buf, 3, 5, sizeof(buf)));
	say("lseek", lseek(fd, 10, SEEK_SET));
	say("read", read(fd, buf, 4));
	say("__read", __read(fd, buf, 4));
	say("__read_chk", __read_chk(fd, buf, 4, sizeof(buf)));
	say("read at the end", read(fd, buf, 4));
	close(fd);
	say("read closed", read(fd, buf, 4));
	fd = open(path, O_RDONLY);
	say("write read-only", write(fd, "x", 1));
	close(fd);
}

static void connection(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int client[3], server[3];

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&addr, len) || listen(listener, 4) ||
	    getsockname(listener, (struct sockaddr *)&addr, &len)) {
		perror("listener");
		exit(1);
	}
	for (int i = 0; i < 3; i++)
		client[i] = socket(AF_INET, SOCK_STREAM, 0);
	say("connect", connect(client[0], (struct sockaddr *)&addr, len));
	say("__connect", __connect(client[1], (struct sockaddr *)&addr, len));
	say("connect", connect(client[2], (struct sockaddr *)&addr, len));
	server[0] = accept(listener, NULL, NULL);
	server[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	server[2] = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	say("accept", server[0] < 0);
	say("accept4 cloexec", fcntl(server[1], F_GETFD));
	say("accept4 nonblock", fcntl(server[2], F_GETFL) & O_NONBLOCK);
	say("write", write(client[0], "over loopback", 13));
	say("read", read(server[0], buf, sizeof(buf)));
	say("read nothing", read(server[2], buf, sizeof(buf)));
	fcntl(listener, F_SETFL, O_NONBLOCK);
	say("accept nothing", accept(listener, NULL, NULL));
	close(listener);
	client[0] = socket(AF_INET, SOCK_STREAM, 0);
	say("connect to nobody", connect(client[0], (struct sockaddr *)&addr, len));
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	file(argv[1]);
	connection();
	return 0;
}
